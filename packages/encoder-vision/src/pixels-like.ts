import type { Pixels } from './raw-image';

/** Room for `length` values of the kind that others are: bytes or floats. */
export function pixelsLike(data: Pixels['data'], length: number): Pixels['data'] {
  return data instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length);
}
