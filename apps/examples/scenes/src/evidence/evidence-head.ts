import {
  defineHead,
  definePlugin,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type TargetBatch,
  type TokenOwners,
} from '@polymodal/core';
import { Linear, softmaxCrossEntropy, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type EvidenceFeatures, evidenceTarget, parts } from './evidence-target';

/**
 * Says of each position of a picture which part the object there has in the answer. So a fusion learns to look where the question
 * points before it has to answer: there are as many signs as positions, where an answer is one for all. It reads the picture's tokens as
 * they are once fused, N of them in each row, wherever they stand among those of others.
 */
export class EvidenceHead extends Head<tf.Tensor3D, (typeof parts)[number][]> {
  readonly requires;
  override readonly reads = ['owner'] as const;
  readonly linear: Linear;

  constructor(
    readonly slot: string,
    width: number,
    readonly positions: number,
  ) {
    super();
    this.requires = { all: [slot] };
    this.linear = new Linear(width, parts.length, { initializer: truncatedNormal(0.02) });
  }

  /** @returns logits (B, N, 3) */
  forward({ fused }: HeadInput): tf.Tensor3D {
    return this.linear.forward(this.#own(fused.tokens, fusedPart(fused, 'owner')));
  }

  /** Of each question: the cross-entropy of all positions. */
  loss(target: TargetBatch<EvidenceFeatures> | undefined): LossTerms<tf.Tensor3D> {
    if (!target) return {};
    return {
      crossEntropy: {
        count: target.rows.length,
        sum: (logits) => {
          const own = tf.gather(logits, tf.tensor1d(target.rows, 'int32'));
          return tf.sum(softmaxCrossEntropy(own, tf.oneHot(target.features.parts, parts.length))) as tf.Scalar;
        },
      },
    };
  }

  scores(logits: tf.Tensor3D): tf.NamedTensorMap {
    return { parts: tf.argMax(logits, 2) };
  }

  answers({ parts: found }: Readonly<Record<string, HostTensor>>): (typeof parts)[number][][] {
    const [rows, positions] = found.shape;
    return Array.from({ length: rows }, (_, row) =>
      Array.from({ length: positions }, (_, at) => parts[found.data[row * positions + at]]),
    );
  }

  /** The tokens of the slot in their order (B, N, D), of all that there are (B, M, D). */
  #own(tokens: tf.Tensor3D, { map, slots }: TokenOwners): tf.Tensor3D {
    const isOwn = tf.cast(tf.equal(map, slots.indexOf(this.slot)), 'int32'); // (B, M)
    const place = tf.sub(tf.mul(tf.cumsum(isOwn, 1), isOwn), 1); // from 0; −1, of which there is no such place, for others
    const chosen = tf.cast(tf.oneHot(tf.cast(place, 'int32'), this.positions), 'float32'); // (B, M, N)
    return tf.matMul(chosen as tf.Tensor3D, tokens, true);
  }
}

/** The head `evidence`. */
export const evidence = definePlugin({
  name: 'evidence',
  specificationVersion: 'v1',
  heads: [
    defineHead({
      name: 'evidence',
      target: evidenceTarget,
      config: z.object({ /** Whose tokens it reads. */ slot: z.string() }),
      create: ({ slot }, { fusion, target }) => new EvidenceHead(slot, fusion.hiddenSize, target.options.cells ** 2),
    }),
  ],
});
