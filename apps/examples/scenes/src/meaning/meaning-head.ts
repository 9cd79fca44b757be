import {
  ConfigError,
  defineHead,
  definePlugin,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type TargetBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type MeaningFeatures, type MeaningRow, meaningTarget } from './meaning-target';

/**
 * The vector that an encoder makes of a value, as it is: what all that stands behind takes for the value's meaning. Learning, an encoder
 * comes to make the vector that another one made of the same said otherwise (distillation of features; Romero et al. 2015, eq. 3), so that it
 * can take the other's place. It has no parameters.
 */
export class MeaningHead extends Head<tf.Tensor2D, Float32Array> {
  readonly requires;
  override readonly reads = ['encoded'] as const;
  override readonly readsSlots: readonly string[];

  constructor(readonly slot: string) {
    super();
    this.requires = { all: [slot] };
    this.readsSlots = [slot];
  }

  /** @returns (B, D) */
  forward({ fused }: HeadInput): tf.Tensor2D {
    return fusedPart(fused, 'encoded')[this.slot].pooled;
  }

  /** Of each vector: the mean square of how far its numbers are from the other's, which is of the size that losses of classes have. */
  loss(target: TargetBatch<MeaningFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    const { rows, features } = target;
    return {
      meanSquare: {
        count: rows.length,
        sum: (vectors) => {
          const off = tf.sub(tf.gather(vectors, tf.tensor1d(rows, 'int32')), features.vector);
          return tf.sum(tf.mean(tf.square(off), 1)) as tf.Scalar;
        },
      },
    };
  }

  scores(vectors: tf.Tensor2D): tf.NamedTensorMap {
    return { vectors };
  }

  answers({ vectors }: Readonly<Record<string, HostTensor>>): Float32Array[] {
    const [rows, size] = vectors.shape;
    return Array.from({ length: rows }, (_, row) =>
      Float32Array.from(vectors.data.slice(row * size, (row + 1) * size)),
    );
  }

  /** The mean square of how far numbers are from the others'. */
  override evaluate(predictions: readonly Float32Array[], targets: readonly (MeaningRow | undefined)[]): Metrics {
    const squares = predictions.flatMap((vector, row) => {
      const other = targets[row]?.vector.data;
      return other ? [vector.reduce((sum, value, at) => sum + (value - other[at]) ** 2, 0) / vector.length] : [];
    });
    return squares.length > 0 ? { meanSquare: squares.reduce((sum, own) => sum + own) / squares.length } : {};
  }
}

/** The head `meaning`. */
export const meaning = definePlugin({
  name: 'meaning',
  specificationVersion: 'v1',
  heads: [
    defineHead({
      name: 'meaning',
      target: meaningTarget,
      config: z.object({ /** Whose vector it is. */ slot: z.string() }),
      create: ({ slot }, { encoders, target }) => {
        const { pooledSize } = encoders[slot];
        if (pooledSize === target.options.size) return new MeaningHead(slot);
        throw new ConfigError({
          where: 'size',
          expected: `${pooledSize}, as the encoder of ${slot}`,
          received: String(target.options.size),
        });
      },
    }),
  ],
});
