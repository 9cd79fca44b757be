import {
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type TargetBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Linear } from './linear';
import { type NumberFeatures, type NumberRow, numberTarget } from './number-processor';

/**
 * The smallest head that keeps every invariant: one number a row from the pooled vector, squared error. Where another head feeds it
 * that says a number too, it adds a part of that.
 */
export class ReferenceHead extends Head<tf.Tensor1D, number> {
  readonly requires = {};
  readonly output: Linear;
  /** What it makes of the number of its parent. */
  readonly ofParent: Linear | undefined;

  constructor(hiddenSize: number, hasParent = false) {
    super();
    this.output = new Linear(hiddenSize, 1);
    if (hasParent) this.ofParent = new Linear(1, 1);
  }

  forward({ fused, parent }: HeadInput): tf.Tensor1D {
    const own = tf.squeeze<tf.Tensor1D>(this.output.forward(fused.pooled), [1]); // (B)
    if (!this.ofParent) return own;
    const fed = this.ofParent.forward(tf.expandDims(parent as tf.Tensor1D, 1));
    return tf.add(own, tf.squeeze(fed, [1]));
  }

  loss(target: TargetBatch<NumberFeatures> | undefined): LossTerms<tf.Tensor1D> {
    if (!target) return {};
    const { rows, features } = target;
    const sum = (output: tf.Tensor1D) =>
      tf.sum<tf.Scalar>(tf.square(tf.sub(tf.gather(output, tf.tensor1d(rows, 'int32')), features.value)));
    return { squaredError: { count: rows.length, sum } };
  }

  scores(amounts: tf.Tensor1D): { amounts: tf.Tensor1D } {
    return { amounts };
  }

  answers({ amounts }: Readonly<Record<string, HostTensor>>): number[] {
    return [...amounts.data];
  }

  override evaluate(predictions: readonly number[], targets: readonly (NumberRow | undefined)[]): Metrics {
    const errors = predictions.flatMap((prediction, row) => {
      const target = targets[row];
      return target ? [(prediction - target.value.data[0]) ** 2] : [];
    });
    return { meanSquaredError: errors.reduce((sum, error) => sum + error, 0) / Math.max(errors.length, 1) };
  }
}

/** A {@link ReferenceHead} for configs to `use`. */
export const referenceHead = defineHead({
  name: 'reference',
  target: numberTarget,
  config: z.object({}),
  create: (_, { fusion, parent }) => new ReferenceHead(fusion.hiddenSize, parent !== undefined),
});
