import {
  type Context,
  defineHead,
  type Features,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type PresentRows,
  type ProducedPiece,
  type TargetBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type CaptionFeatures, captionIds, captionTarget, captionText, captionVocabulary } from './caption-processor';
import { Linear } from './linear';

/**
 * What a {@link CaptionHead} computes.
 *
 * @public declarations of the plugin name it
 */
export interface CaptionOutput {
  /** (P, L − 1, V) of the rows that have a target: what follows each of its tokens. */
  readonly logits?: tf.Tensor3D;
  /** (B, T) the tokens written, 0 behind the end. */
  readonly ids?: tf.Tensor2D;
}

const predictOptions = z.object({ maxNewTokens: z.int().positive().default(8) });

/**
 * The smallest head that writes: the next token from the one before and the pooled vector. It learns from texts of any length and
 * writes token by token.
 */
class CaptionHead extends Head<CaptionOutput, string, typeof predictOptions, string> {
  readonly requires = {};
  override readonly predictOptions = predictOptions;
  readonly embedding: Linear;
  readonly pooled: Linear;
  readonly output: Linear;

  constructor(hiddenSize: number) {
    super();
    this.embedding = new Linear(captionVocabulary, hiddenSize);
    this.pooled = new Linear(hiddenSize, hiddenSize);
    this.output = new Linear(hiddenSize, captionVocabulary);
  }

  forward({ fused }: HeadInput, _context: Context, target?: TargetBatch<CaptionFeatures>): CaptionOutput {
    if (!target) return {};
    const { ids } = target.features; // (P, L)
    const pooled = tf.gather(fused.pooled, tf.tensor1d(target.rows, 'int32'));
    return { logits: this.#next(tf.slice(ids, [0, 0], [-1, ids.shape[1] - 1]), pooled) };
  }

  loss(target: TargetBatch<CaptionFeatures> | undefined): LossTerms<CaptionOutput> {
    if (!target) return {};
    const { ids, mask } = target.features;
    const count = Array.from(target.values.mask.data).reduce((sum, bit) => sum + bit, 0) - target.rows.length; // the first is given
    const sum = ({ logits }: CaptionOutput) => {
      const wanted = tf.oneHot(tf.slice(ids as tf.Tensor2D, [0, 1]), captionVocabulary); // (P, L − 1, V)
      const surprise = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits!), wanted), 2));
      return tf.sum<tf.Scalar>(tf.mul(surprise, tf.slice(mask as tf.Tensor2D, [0, 1])));
    };
    return { tokens: { count, sum } };
  }

  override async *produce(
    { fused }: HeadInput,
    _context: Context,
    { maxNewTokens }: z.output<typeof predictOptions>,
  ): AsyncGenerator<ProducedPiece<string>, CaptionOutput, void> {
    const size = fused.pooled.shape[0];
    const written: number[][] = Array.from({ length: size }, () => [captionIds.start]);
    for (let step = 0; step < maxNewTokens; step++) {
      const last = Int32Array.from(written, (ids) => ids[step]);
      const next = tf.tidy(() => {
        const logits = this.#next(tf.tensor2d(last, [size, 1], 'int32'), fused.pooled); // (B, 1, V)
        return tf.argMax(tf.reshape(logits, [size, captionVocabulary]), 1);
      });
      const ids = await next.data();
      next.dispose();
      for (const [row, id] of ids.entries()) {
        const isOver = [captionIds.end, 0].includes(last[row]);
        written[row].push(isOver ? 0 : id);
        const piece = captionText([written[row][step + 1]]);
        if (piece !== '') yield { row, piece };
      }
      if (written.every((own) => [captionIds.end, 0].includes(own[step + 1]))) break;
    }
    const texts = written.map((ids) => ids.slice(1));
    return { ids: tf.tensor2d(texts, [size, texts[0].length], 'int32') };
  }

  scores({ ids }: CaptionOutput): tf.NamedTensorMap {
    return { ids: ids! };
  }

  answers({ ids }: Readonly<Record<string, HostTensor>>, { size }: PresentRows): string[] {
    const length = ids.data.length / size;
    return Array.from({ length: size }, (_, row) => captionText(ids.data.subarray(row * length, (row + 1) * length)));
  }

  /** The share of texts that are written to the letter. */
  override evaluate(predictions: readonly string[], targets: readonly (Features | undefined)[]): Metrics {
    const right = predictions.flatMap((text, row) => {
      const target = targets[row];
      return target ? [text === captionText(target.ids.data)] : [];
    });
    return right.length === 0 ? {} : { accuracy: right.filter(Boolean).length / right.length };
  }

  /** (P, L) and (P, D) → (P, L, V) */
  #next(ids: tf.Tensor2D, pooled: tf.Tensor2D): tf.Tensor3D {
    const before = this.embedding.forward(tf.oneHot(ids, captionVocabulary, 1, 0, 'float32') as tf.Tensor3D);
    const hidden = tf.tanh(tf.add(before, tf.expandDims(this.pooled.forward(pooled), 1)));
    return this.output.forward(hidden as tf.Tensor3D);
  }
}

/** A {@link CaptionHead} for configs to `use`. */
export const captionHead = defineHead({
  name: 'reference-caption',
  target: captionTarget,
  config: z.object({}),
  create: (_, { fusion }) => new CaptionHead(fusion.hiddenSize),
});
