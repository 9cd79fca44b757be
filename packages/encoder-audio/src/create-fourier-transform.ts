import { BluesteinTransform } from './bluestein-transform';
import type { FourierTransform } from './fourier-transform';
import { MixedRadixTransform, radicesOf } from './mixed-radix-transform';

/** The transform of any size: by stages of small ones where its prime factors are 2, 3 and 5, else by Bluestein's algorithm. */
export function createFourierTransform(size: number): FourierTransform {
  return radicesOf(size) ? new MixedRadixTransform(size) : new BluesteinTransform(size);
}
