import { ConfigError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkSize } from './check-size';

/**
 * Fixed positional encodings (Vaswani et al. 2017, section 3.5): sine at the even and cosine at the odd places, with
 * wavelengths from 2π to 10000 · 2π.
 *
 * @returns (length, size)
 * @throws ConfigError if the size is odd
 */
export function sinusoidalPositions(length: number, size: number): tf.Tensor2D {
  checkSize('sinusoidalPositions length', length);
  checkSize('sinusoidalPositions size', size);
  if (size % 2 !== 0) {
    throw new ConfigError({ where: 'sinusoidalPositions size', expected: 'an even number', received: String(size) });
  }
  const values = new Float32Array(length * size);
  for (let pair = 0; pair < size; pair += 2) {
    const frequency = 10000 ** (-pair / size);
    for (let position = 0; position < length; position++) {
      values[position * size + pair] = Math.sin(position * frequency);
      values[position * size + pair + 1] = Math.cos(position * frequency);
    }
  }
  return tf.tensor2d(values, [length, size]);
}
