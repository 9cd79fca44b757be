import {
  type Context,
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type Metrics,
  type Targets,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Linear } from './linear';

/**
 * The smallest head that keeps every invariant: one number a row from the pooled vector, squared error. Its target is a
 * number under the head's name.
 */
export class ReferenceHead extends Head<tf.Tensor1D, number> {
  readonly requires = {};
  readonly output: Linear;

  constructor(
    readonly name: string,
    hiddenSize: number,
  ) {
    super();
    this.output = new Linear(hiddenSize, 1);
  }

  forward({ fused }: HeadInput): tf.Tensor1D {
    return tf.squeeze(this.output.forward(fused.pooled), [1]); // (B)
  }

  loss(output: tf.Tensor1D, targets: readonly (Targets | undefined)[], _context: Context): tf.Scalar | undefined {
    const wanted = targets.map((target) => target?.[this.name] as number | undefined);
    const rows = wanted.flatMap((value, row) => (value === undefined ? [] : [row]));
    if (rows.length === 0) return undefined;
    const values = tf.tensor1d(rows.map((row) => wanted[row]!));
    return tf.mean(tf.square(tf.sub(tf.gather(output, tf.tensor1d(rows, 'int32')), values))) as tf.Scalar;
  }

  override scores(input: HeadInput): { amounts: tf.Tensor1D } {
    return { amounts: this.forward(input) };
  }

  override answers({ amounts }: Readonly<Record<string, HostTensor>>): number[] {
    return [...amounts.data];
  }

  override evaluate(predictions: readonly number[], targets: readonly (Targets | undefined)[]): Metrics {
    const errors = predictions.flatMap((prediction, row) => {
      const wanted = targets[row]?.[this.name] as number | undefined;
      return wanted === undefined ? [] : [(prediction - wanted) ** 2];
    });
    return { meanSquaredError: errors.reduce((sum, error) => sum + error, 0) / Math.max(errors.length, 1) };
  }
}

/** A {@link ReferenceHead} for configs to `use`. */
export const referenceHead = defineHead({
  name: 'reference',
  config: z.object({}),
  create: (_, { name, fusion }) => new ReferenceHead(name, fusion.hiddenSize),
});
