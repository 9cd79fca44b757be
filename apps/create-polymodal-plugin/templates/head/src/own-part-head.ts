import {
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type TargetBatch,
} from '@polymodal/core';
import { Linear, takeRows } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type OwnPartFeatures, type OwnPartRow, ownPartTarget } from './own-part-target.js';

/** Estimates a number: a linear map of the pooled vector, and the squared error. */
export class OwnPartHead extends Head<tf.Tensor1D, number> {
  /** No modality in particular: it answers for every row that the fusion takes. */
  readonly requires = {};
  readonly linear: Linear;

  /** @param scale the unit of what is learned */
  constructor(
    hiddenSize: number,
    readonly scale: number,
  ) {
    super();
    this.linear = new Linear(hiddenSize, 1);
  }

  forward({ fused }: HeadInput): tf.Tensor1D {
    return tf.squeeze(this.linear.forward(fused.pooled), [1]); // (B)
  }

  /** Of the P rows that have the target: how many things the loss is a mean of, and their sum. Without any, nothing is learned. */
  loss(target: TargetBatch<OwnPartFeatures> | undefined): LossTerms<tf.Tensor1D> {
    if (!target) return {};
    const { rows, features } = target;
    const sum = (estimates: tf.Tensor1D) =>
      tf.sum<tf.Scalar>(tf.square(tf.sub(takeRows(estimates, rows), features.amount)));
    return { squaredError: { count: rows.length, sum } };
  }

  /** What answers are read from. */
  scores(estimates: tf.Tensor1D): { estimates: tf.Tensor1D } {
    return { estimates };
  }

  answers({ estimates }: Readonly<Record<string, HostTensor>>): number[] {
    return Array.from(estimates!.data, (estimate) => estimate * this.scale);
  }

  /** The figures of an evaluation, over the rows that have the target. */
  override evaluate(answers: readonly number[], targets: readonly (OwnPartRow | undefined)[]): Metrics {
    const errors = answers.flatMap((answer, row) => {
      const target = targets[row];
      return target ? [Math.abs(answer - target.amount.data[0]! * this.scale)] : [];
    });
    return { meanAbsoluteError: errors.reduce((sum, error) => sum + error, 0) / Math.max(errors.length, 1) };
  }
}

/** The head `own-part`. */
export const ownPartHead = defineHead({
  name: 'own-part',
  target: ownPartTarget,
  config: z.object({}),
  create: (_, { fusion, target }) => new OwnPartHead(fusion.hiddenSize, target.scale),
});
