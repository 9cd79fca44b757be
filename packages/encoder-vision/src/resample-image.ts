import type { PixelImage } from './raw-image';
import type { Kernel } from './resampling-kernels';
import { resamplingWeights, type SourcePixels } from './resampling-weights';

/** A part of a picture, in pixels, which need not be whole. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Resamples a part of a picture as Pillow's `Image.resize` does. Where the picture shrinks the kernel is widened, so that
 * every source pixel counts and nothing aliases; at the borders its weights are normalised over the pixels that exist.
 *
 * @returns floats from 0 to 1, of `height` × `width` pixels
 */
export function resampleImage(
  image: PixelImage,
  box: Box,
  [height, width]: readonly [height: number, width: number],
  kernel: Kernel,
): PixelImage {
  const { channels } = image;
  const rows = resamplingWeights(box.top, box.height, image.height, height, kernel);
  const columns = resamplingWeights(box.left, box.width, image.width, width, kernel);
  // Along the side first that leaves less: of a long thin picture the other would make a large one.
  const rowsFirst = height * image.width < width * image.height;
  const resampled = rowsFirst
    ? resampleColumns(resampleRows(image, rows), columns)
    : resampleRows(resampleColumns(image, columns), rows);
  const data = resampled.data;
  const rescale = image.data instanceof Float32Array ? 1 : 1 / 255;
  for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(data[i] * rescale, 0), 1); // kernels can overshoot
  return { data, width, height, channels };
}

/** Sums of whole rows, which lie side by side in memory. */
function resampleRows({ data, width, channels }: PixelImage, rows: readonly SourcePixels[]): FloatImage {
  const stride = width * channels;
  const values = new Float32Array(rows.length * stride);
  rows.forEach(({ start, weights }, row) => {
    const out = row * stride;
    for (let tap = 0; tap < weights.length; tap++) {
      const from = (start + tap) * stride;
      const weight = weights[tap];
      for (let x = 0; x < stride; x++) values[out + x] += weight * data[from + x];
    }
  });
  return { data: values, width, height: rows.length, channels };
}

function resampleColumns(image: PixelImage, columns: readonly SourcePixels[]): FloatImage {
  const { data, width, height, channels } = image;
  const stride = width * channels;
  const outStride = columns.length * channels;
  const values = new Float32Array(height * outStride);
  columns.forEach(({ start, weights }, column) => {
    for (let row = 0; row < height; row++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let at = row * stride + start * channels + c;
        for (let tap = 0; tap < weights.length; tap++, at += channels) sum += weights[tap] * data[at];
        values[row * outStride + column * channels + c] = sum;
      }
    }
  });
  return { data: values, width: columns.length, height, channels };
}

type FloatImage = PixelImage & { readonly data: Float32Array };
