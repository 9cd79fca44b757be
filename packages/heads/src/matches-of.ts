import type { TargetBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { MatchFeatures } from './match-target';

/** (n, n): 1 where two of some rows match, because they are the same or have the same target. */
export function matchesOf(target: TargetBatch<MatchFeatures> | undefined, rows: readonly number[]): tf.Tensor2D {
  const self = tf.eye(rows.length);
  if (!target) return self;
  const known = rows.map((row) => target.rows.indexOf(row));
  const groups = tf.gather(
    target.features.group,
    tf.tensor1d(
      known.map((at) => Math.max(at, 0)),
      'int32',
    ),
  ); // (n, 2)
  const equal = tf.all(tf.equal(tf.expandDims(groups, 1), tf.expandDims(groups, 0)), 2); // (n, n)
  const has = tf.tensor2d(
    known.map((at) => (at < 0 ? 0 : 1)),
    [rows.length, 1],
  );
  return tf.maximum(self, tf.mul(tf.cast(equal, 'float32'), tf.mul(has, tf.transpose(has))));
}
