import { readImageSource, undecodableImage } from '../image-source';
import { loadSharp } from '../load-sharp';
import { cmykToRgb } from './cmyk-to-rgb';
import { removeAlpha, type Transparency } from './remove-alpha';
import type { RgbImage } from './rgb-image';

/** What becomes of transparent pixels in files that have an alpha for each, and in those that name one transparent colour. */
export interface FileTransparency {
  readonly alpha: Transparency;
  readonly oneColour: Transparency;
}

/**
 * Reads an image file to the RGB bytes that `transformers.image_utils.load_image` gets from Pillow: turned as its EXIF
 * orientation says, without regard to colour profiles, ink turned to light by arithmetic, and 16-bit grey cut off at 255.
 *
 * @throws SampleError if it cannot be read or decoded
 */
export async function decodeRgb(source: string | Uint8Array, transparency: FileTransparency): Promise<RgbImage> {
  const bytes = await readImageSource(source);
  const sharp = await loadSharp();
  try {
    const upright = () => sharp(bytes, { failOn: 'error', ignoreIcc: true }).autoOrient();
    const { space, hasAlpha } = await sharp(bytes).metadata();
    if (space === 'cmyk') {
      const ink = upright().pipelineColourspace('cmyk').toColourspace('cmyk').raw();
      const { data, info } = await ink.toBuffer({ resolveWithObject: true });
      return { data: cmykToRgb(data), width: info.width, height: info.height };
    }
    if (space === 'grey16' && !hasAlpha) {
      const grey = upright().toColourspace('grey16').raw({ depth: 'ushort' });
      const { data, info } = await grey.toBuffer({ resolveWithObject: true });
      return { data: clippedGrey(data), width: info.width, height: info.height };
    }
    const { data, info } = await upright().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    const kind = namesOneColour(bytes, data) ? transparency.oneColour : transparency.alpha;
    const rgb = info.channels === 4 ? removeAlpha(data, kind) : new Uint8Array(data);
    return { data: rgb, width: info.width, height: info.height };
  } catch (cause) {
    throw undecodableImage(source, cause);
  }
}

/** Whether transparency is that of one colour: in GIF, and in PNG without alpha channel where no pixel lets some light through. */
function namesOneColour(file: Uint8Array, rgba: Uint8Array): boolean {
  const isPng = file[0] === 0x89 && file[1] === 0x50;
  const isGif = file[0] === 0x47 && file[1] === 0x49;
  if (isPng ? file[pngColourType] >= 4 : !isGif) return false;
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0 && rgba[at] !== 255) return false;
  return true;
}

/** Position of a byte: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
const pngColourType = 25;

/** Pillow converts mode "I;16" so. */
function clippedGrey(bytes: Buffer): Uint8Array {
  const pixels = bytes.length / 2;
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    rgb.fill(Math.min(values.getUint16(2 * pixel, true), 255), 3 * pixel, 3 * pixel + 3);
  }
  return rgb;
}
