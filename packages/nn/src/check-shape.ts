import { ShapeError } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';

/** One axis of an expected shape: its length, a letter where any length fits, or '…' (first only) for any axes. */
export type ExpectedAxis = number | string;

/**
 * Checks the shape of a tensor against a pattern such as `['B', 'N', 128]` or `['…', 128]`.
 *
 * @throws ShapeError naming the pattern and the shape that came
 */
export function checkShape(where: string, tensor: tf.Tensor, expected: readonly ExpectedAxis[], hint?: string): void {
  const open = expected[0] === '…';
  const axes = open ? expected.slice(1) : expected;
  const offset = tensor.rank - axes.length;
  const fits =
    (open ? offset >= 0 : offset === 0) &&
    axes.every((axis, index) => typeof axis === 'string' || axis === tensor.shape[offset + index]);
  if (fits) return;
  throw new ShapeError({
    where,
    expected: `shape [${expected.join(', ')}]`,
    received: `[${tensor.shape.join(', ')}]`,
    ...(hint && { hint }),
  });
}
