import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link bicubicWeights}. */
export interface BicubicOptions {
  /** Whether the first and last of both lie on each other, rather than the borders around them; not by default. */
  readonly alignCorners?: boolean;
}

/**
 * How much each of `available` values along an axis counts in each of `wanted` ones, as in PyTorch's
 * `interpolate(mode='bicubic')`: cubic convolution with a = −3/4 (Keys 1981), and beyond the border what lies at it.
 *
 * @returns (wanted, available)
 */
export function bicubicWeights(
  available: number,
  wanted: number,
  { alignCorners = false }: BicubicOptions = {},
): tf.Tensor2D {
  const weights = new Float32Array(wanted * available);
  for (let target = 0; target < wanted; target++) {
    const centre = alignCorners
      ? (target * (available - 1)) / Math.max(wanted - 1, 1)
      : ((target + 0.5) * available) / wanted - 0.5;
    const first = Math.floor(centre) - 1;
    for (let tap = first; tap < first + 4; tap++) {
      const source = Math.min(Math.max(tap, 0), available - 1);
      weights[target * available + source] += cubic(Math.abs(centre - tap));
    }
  }
  return tf.tensor2d(weights, [wanted, available]);
}

const a = -0.75;

function cubic(x: number): number {
  return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : (((x - 5) * x + 8) * x - 4) * a;
}
