import type { RandomKey } from '@polymodal/core';

/** Adds Gaussian noise of standard deviation `sigma`. */
export function addNoise(pixels: Float32Array, sigma: number, key: RandomKey): Float32Array {
  const noise = key.normal(pixels.length);
  return pixels.map((value, i) => value + sigma * noise[i]);
}
