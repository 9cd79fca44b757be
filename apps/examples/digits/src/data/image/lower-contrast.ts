import type { RandomKey } from '@polymodal/core';
import { uniformIn } from '@polymodal/example-material';

/** Squeezes [0, 1] to a band of width `contrast` whose darkest value `key` decides. */
export function lowerContrast(pixels: Float32Array, contrast: number, key: RandomKey): Float32Array {
  const darkest = uniformIn([0, 1 - contrast], key);
  return pixels.map((value) => darkest + contrast * value);
}
