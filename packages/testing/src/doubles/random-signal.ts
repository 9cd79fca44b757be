import type { RandomKey } from '@polymodal/core';
import { stepSize } from './reference-processor';

/** A raw value for the reference processor: 1 to 9 steps. */
export function randomSignal(key: RandomKey): Float32Array {
  return key.fold('values').normal(stepSize * key.fold('length').integer(1, 10));
}
