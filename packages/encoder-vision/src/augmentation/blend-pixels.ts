import { convertChannels } from '../convert-channels';
import { type BytePixels, byteTable, throughTable } from './byte-pixels';

/** `factor` of a picture and the rest of another one, as `Image.blend` of Pillow computes it: in float32, cut off towards 0. */
function blended(other: number, own: number, factor: number): number {
  return Math.fround(other + Math.fround(factor * (own - other)));
}

/** Brightness times `factor` (Pillow `ImageEnhance.Brightness`). */
export function adjustBrightness(picture: BytePixels, factor: number): BytePixels {
  const by = Math.fround(factor);
  return throughTable(picture, [byteTable((value) => blended(0, value, by))]);
}

/** Distance from the mean grey times `factor` (`ImageEnhance.Contrast`). */
export function adjustContrast(picture: BytePixels, factor: number): BytePixels {
  const by = Math.fround(factor);
  const { data: grey } = convertChannels(picture, 1) as BytePixels;
  const mean = Math.floor(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  return throughTable(picture, [byteTable((value) => blended(mean, value, by))]);
}

/** Distance from grey times `factor` (`ImageEnhance.Color`). */
export function adjustSaturation(picture: BytePixels, factor: number): BytePixels {
  return picture.channels === 1 ? picture : blendWith(grey(picture), picture, factor);
}

/** Distance from a smoothed picture times `factor` (`ImageEnhance.Sharpness`). */
export function adjustSharpness(picture: BytePixels, factor: number): BytePixels {
  return blendWith(smoothed(picture), picture, factor);
}

function blendWith(other: BytePixels, own: BytePixels, factor: number): BytePixels {
  const by = Math.fround(factor);
  const data = own.data.map((value, at) => {
    const mixed = Math.trunc(blended(other.data[at], value, by));
    return Math.min(Math.max(mixed, 0), 255);
  });
  return { ...own, data };
}

function grey(picture: BytePixels): BytePixels {
  return convertChannels(convertChannels(picture, 1), 3) as BytePixels;
}

/** Each pixel five times and its eight neighbours, over 13 (`ImageFilter.SMOOTH`); the margin stays as it is. */
function smoothed(picture: BytePixels): BytePixels {
  const { data, width, height, channels } = picture;
  const stride = width * channels;
  const smooth = data.slice();
  for (let row = 1; row < height - 1; row++) {
    for (let at = row * stride + channels; at < (row + 1) * stride - channels; at++) {
      let sum = 4 * data[at];
      for (const line of [at - stride, at, at + stride])
        sum += data[line - channels] + data[line] + data[line + channels];
      smooth[at] = Math.floor(sum / 13 + 0.5);
    }
  }
  return { ...picture, data: smooth };
}
