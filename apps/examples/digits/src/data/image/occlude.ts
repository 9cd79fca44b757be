import type { RandomKey } from '@polymodal/core';
import { uniformIn } from '@polymodal/example-material';
import type { ImageDegradation } from '../degradation';
import { pictureSize } from '../mnist-pictures';

/** Perhaps hides a rectangle of the picture behind one grey value. */
export function coverWithPatch(
  pixels: Float32Array,
  { probability, side }: ImageDegradation['patch'],
  key: RandomKey,
): Float32Array {
  if (!key.fold('whether').bernoulli(1, probability)[0]) return pixels;
  const width = Math.round(uniformIn(side, key.fold('width')) * pictureSize);
  const height = Math.round(uniformIn(side, key.fold('height')) * pictureSize);
  const left = key.fold('left').integer(0, pictureSize - width + 1);
  const top = key.fold('top').integer(0, pictureSize - height + 1);
  const grey = uniformIn([0, 1], key.fold('grey'));
  return pixels.map((value, i) => {
    const [x, y] = [(i % pictureSize) - left, Math.floor(i / pictureSize) - top];
    return x >= 0 && x < width && y >= 0 && y < height ? grey : value;
  });
}

/** Perhaps draws parallel bars of one grey value across the whole picture, upright or level. */
export function crossWithBars(
  pixels: Float32Array,
  { probability, count, thickness }: ImageDegradation['bars'],
  key: RandomKey,
): Float32Array {
  if (!key.fold('whether').bernoulli(1, probability)[0]) return pixels;
  const upright = key.fold('upright').bernoulli(1, 0.5)[0] === 1;
  const grey = uniformIn([0, 1], key.fold('grey'));
  const bars = Math.round(uniformIn(count, key.fold('count')));
  const hidden = new Uint8Array(pictureSize);
  for (let bar = 0; bar < bars; bar++) {
    const thick = Math.round(uniformIn(thickness, key.fold('thickness').fold(bar)));
    const start = key
      .fold('start')
      .fold(bar)
      .integer(0, pictureSize - thick + 1);
    hidden.fill(1, start, start + thick);
  }
  return pixels.map((value, i) => (hidden[upright ? i % pictureSize : Math.floor(i / pictureSize)] ? grey : value));
}
