import { type Fused, fusedPart } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Which tokens of a causal sequence take part where it is continued: those that take part in it, but for the token that closes a row as
 * a finished one, unless the row is nothing else.
 *
 * @param closingId see `TokenCodec`; rows without it at their end stay as they are
 * @returns (B, N), a tensor of its own
 */
export function promptMask(fused: Fused, closingId: number | undefined): tf.Tensor2D {
  const { mask } = fused;
  if (closingId === undefined) return tf.clone(mask);
  const { ids } = fusedPart(fused, 'causal');
  const isLast = tf.logicalAnd(tf.equal(tf.cumsum(mask, 1, false, true), 1), tf.cast(mask, 'bool'));
  const hasOthers = tf.greater(tf.sum(mask, 1, true), 1);
  const isClosing = tf.logicalAnd(tf.logicalAnd(isLast, hasOthers), tf.equal(ids, closingId));
  return tf.mul(mask, tf.sub(1, tf.cast(isClosing, 'float32')));
}
