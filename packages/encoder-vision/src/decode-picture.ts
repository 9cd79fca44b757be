import { type ProcessContext, SampleError } from '@polymodal/core';
import type { Sharp } from 'sharp';
import { cmykToRgb } from './cmyk-to-rgb';
import { checkDrawing } from './drawing/check-drawing';
import { gifTransparentColour } from './gif-transparent-colour';
import { type ImageFile, readImageSource, undecodableImage } from './image-source';
import { loadSharp } from './load-sharp';
import { asGiven, type Placement } from './placement';
import type { Sides } from './sides';
import { tiffTag } from './tiff-tag';

/** What decoding cannot tell from the file. */
export interface DecodingOptions {
  /** [height, width] that a vector graphic of the given sides is needed at: a small one must not come out blurred. */
  readonly neededSides: (sides: Sides) => Sides;
  /** Of grey of 16 bits: the upper eight, or, as Pillow converts it, cut off at 255. */
  readonly deepGrey: 'scale' | 'clip';
}

/** The pixels of a file: bytes of red, green, blue and perhaps alpha, rows from top to bottom. */
export interface DecodedPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** Whether alpha stands for one colour or palette entry that is transparent as a whole, which Pillow treats otherwise. */
  readonly oneColour: boolean;
  /** Of a drawing that was drawn in another size than it says that it has. */
  readonly placement?: Placement;
}

/**
 * Reads an image file to the pixels that Pillow reads: the first picture of it, turned as its EXIF orientation says, without
 * regard to colour profiles and gamma, ink turned to light by arithmetic.
 *
 * @param source path or content of the file
 * @param context says whether paths are taken
 * @throws SampleError if it cannot be read, is cut short, or has more pixels than Pillow decodes
 */
export async function decodePicture(
  source: string | Uint8Array,
  options: DecodingOptions,
  context: ProcessContext,
): Promise<DecodedPicture> {
  const file = await readImageSource(source, context);
  const sharp = await loadSharp();
  try {
    checkTiff(file);
    if (file.format === 'SVG') checkDrawing(file.bytes);
    const { width, height, space, hasAlpha = false } = await sharp(file.bytes, { limitInputPixels: false }).metadata();
    checkPixels(width * height, `${width} × ${height}`);
    const scale = file.format === 'SVG' ? renderingScale([height, width], options.neededSides([height, width])) : 1;
    const density = Math.min(Math.max(72 * scale, 1), 100_000);
    const settings = { failOn: 'error', ignoreIcc: true, limitInputPixels: maxPixels, density } as const;
    const upright = sharp(file.bytes, settings).autoOrient();
    if (space === 'cmyk') {
      const { data, ...sides } = await rawPixels(upright.pipelineColourspace('cmyk').toColourspace('cmyk'));
      return { data: cmykToRgb(data), ...sides, channels: 3, oneColour: false };
    }
    if (space === 'grey16' && options.deepGrey === 'clip' && !(hasAlpha && hasAlphaChannel(file))) {
      const { data, ...sides } = await rawPixels(upright.removeAlpha().toColourspace('grey16'), 'ushort');
      return { data: clippedGrey(data), ...sides, channels: 3, oneColour: false };
    }
    const { data, channels, ...sides } = await rawPixels(upright.toColourspace('srgb'));
    if (channels === 4 && file.format === 'GIF') uncover(data, file.bytes);
    return {
      data,
      ...sides,
      channels: channels === 4 ? 4 : 3,
      oneColour: channels === 4 && namesOneColour(file, data),
      ...(scale !== 1 && { placement: drawnLarger({ width, height }, sides) }),
    };
  } catch (cause) {
    const error = cause instanceof SampleError ? cause : undecodableImage(file, cause);
    throw file.where === undefined ? error : error.at(file.where);
  }
}

/** Beyond these Pillow takes a picture for a decompression bomb. They are half a gigabyte of RGB. */
const maxPixels = 178_956_970;

function checkPixels(pixels: number, sides: string): void {
  if (pixels <= maxPixels) return;
  throw new SampleError({
    expected: `a picture of at most ${maxPixels} pixels, as many as Pillow decodes`,
    received: `${sides} pixels`,
    hint: 'Make it smaller first, or cut it into parts.',
  });
}

/** Of TIFFs whose colours stand as YCbCr the decoder reads only those within JPEG: of others it would make wrong colours. */
function checkTiff({ format, bytes }: ImageFile): void {
  if (format !== 'TIFF' || tiffTag(bytes, photometricTag) !== yCbCr) return;
  const compression = tiffTag(bytes, compressionTag);
  if (compression === 6 || compression === 7) return; // JPEG
  throw new SampleError({
    expected: 'a TIFF file of grey, RGB, CMYK or a palette, or of JPEG',
    received: 'one of YCbCr',
    hint: 'Convert it first, for example with Pillow: Image.open("in").save("out.png").',
  });
}

const compressionTag = 259;
const photometricTag = 262;
const yCbCr = 6;

/** A drawing grows to at most this many pixels, and sides that the renderer takes, however thin it is. */
const maxRenderedPixels = 2 ** 24;
const maxRenderedSide = 32_767;

function renderingScale([height, width]: Sides, needed: Sides): number {
  const scale = Math.max(needed[0] / height, needed[1] / width);
  const limit = Math.min(maxRenderedSide / Math.max(height, width), Math.sqrt(maxRenderedPixels / (width * height)));
  return Math.min(scale, Math.max(1, limit));
}

/** Of a drawing, from the size that it says that it has to the one in which it was drawn. */
function drawnLarger(own: Parameters<typeof asGiven>[0], drawn: Parameters<typeof asGiven>[0]): Placement {
  return { ...asGiven(own), scaleX: drawn.width / own.width, scaleY: drawn.height / own.height };
}

async function rawPixels(image: Sharp, depth: 'uchar' | 'ushort' = 'uchar') {
  const { data, info } = await image.raw({ depth }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Gives transparent pixels of a GIF the colour that its palette has for them. */
function uncover(rgba: Uint8Array, file: Uint8Array): void {
  const colour = gifTransparentColour(file);
  if (!colour) return;
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at + 3] === 0) rgba.set(colour, at);
}

/** Whether transparency is that of one colour: in GIF, and in PNG without alpha channel where no pixel lets some light through. */
function namesOneColour(file: ImageFile, rgba: Uint8Array): boolean {
  if (hasAlphaChannel(file)) return false;
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0 && rgba[at] !== 255) return false;
  return true;
}

/** Whether alpha is stored for each pixel, where there is alpha. */
function hasAlphaChannel({ format, bytes }: ImageFile): boolean {
  return format === 'PNG' ? bytes[pngColourType] >= 4 : format !== 'GIF';
}

/** Position of a byte: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
const pngColourType = 25;

/** Pillow converts mode "I;16" so. */
function clippedGrey(bytes: Uint8Array): Uint8Array {
  const pixels = bytes.length / 2;
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    rgb.fill(Math.min(values.getUint16(2 * pixel, true), 255), 3 * pixel, 3 * pixel + 3);
  }
  return rgb;
}
