import {
  type Context,
  type Encoder,
  type Features,
  type HeadInput,
  type HostTensor,
  type KnownSample,
  type LossTerms,
  type Metrics,
  type PresentRows,
  SampleError,
  type TargetBatch,
  tokenCounts,
} from '@polymodal/core';
import { checkCtcLabels, ctcLoss, dropout, Linear, takeRows, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { characterErrorRate, wordErrorRate } from '../error-rates';
import { SlotHead } from '../slot-head';
import { type SlotReading, tokensAt } from '../slot-tokens';
import { type CtcOptions, ctcOptions } from './ctc-options';
import { type CtcFeatures, type CtcTarget, framesFor } from './ctc-target';
import { type CtcText, readTexts } from './read-texts';
import { requireSearchable } from './search-prefixes';

/** What a {@link CtcHead} computes of B rows. */
export interface CtcOutput {
  /** (B, T, V), the frames of each row in their order. */
  readonly logits: tf.Tensor3D;
  /** (B, T), 1 = takes part: the first ones. */
  readonly mask: tf.Tensor2D;
}

/** What a {@link CtcHead} is made from. */
export interface CtcHeadConfig {
  /** The slot whose values are written down. */
  readonly of: string;
  readonly target: CtcTarget;
  /** Of that slot. */
  readonly encoder: Encoder;
  /** Whether it goes by what the fusion made of the slot's tokens, or by its encoder alone. */
  readonly reads: SlotReading['reads'];
  /** Width of these tokens. */
  readonly hiddenSize: number;
  readonly dropout: number;
  readonly reduction: 'mean' | 'sum';
  readonly zeroInfinity: boolean;
}

/**
 * Writes what is said, by a token of the vocabulary or a blank for each token of a slot, in their order: Connectionist Temporal
 * Classification (Graves et al. 2006; HF `Wav2Vec2ForCTC`, `HubertForCTC`). Nothing tells where in a recording a letter is said; the
 * loss (term `ctc`) is −log of the sum over all ways to write the text in the frames.
 */
export class CtcHead extends SlotHead<CtcOutput, CtcText, typeof ctcOptions> {
  override readonly predictOptions = ctcOptions;
  readonly linear: Linear;
  readonly #config: CtcHeadConfig;

  constructor(config: CtcHeadConfig) {
    const { of, reads, hiddenSize, target } = config;
    super(of, reads);
    this.#config = config;
    this.linear = new Linear(hiddenSize, target.vocabulary.size, { initializer: truncatedNormal(0.02) });
  }

  /** The slot whose values are written down. */
  get of(): string {
    return this.#config.of;
  }

  /** What its labels mean. */
  get vocabulary(): CtcTarget['vocabulary'] {
    return this.#config.target.vocabulary;
  }

  /** Seconds from one frame to the next, where the encoder says so. */
  get frameSeconds(): number | undefined {
    return this.#config.encoder.tokenSeconds;
  }

  /**
   * @throws SampleError for a text that the frames are too few for, unless the head has `zeroInfinity`, and at a prediction for a search that
   * would take too long
   */
  override checkSample({ features, target }: KnownSample, asked?: CtcOptions): void {
    const { of, encoder, zeroInfinity } = this.#config;
    const own = features[of];
    if (!own || !encoder.tokenCount) return;
    const frames = tokenCounts(encoder, own).reduce((sum, count) => sum + count, 0);
    if (asked && asked.numBeams > 1) {
      requireSearchable({ frames, size: this.vocabulary.size }, asked.numBeams, asked.maxCandidates);
    }
    if (!target || zeroInfinity) return;
    const needed = framesFor(target);
    if (frames >= needed) return;
    throw new SampleError({
      expected: `a recording of at least ${needed} frames, one for each label of its text and one between two that are equal`,
      received: `one of ${frames}`,
      hint: 'Correct the text, or let such samples teach nothing: zeroInfinity: true.',
    });
  }

  forward({ fused }: HeadInput, context: Context): CtcOutput {
    const { tokens, order } = this.tokensOf(fused);
    const logits = this.linear.forward(dropout(tokens, this.#config.dropout, context, this)); // (B, N, V)
    const [batch, length] = order.shape;
    const places = tf.reshape<tf.Rank.R2>(tf.range(0, length), [1, length]);
    const count = tf.sum(tf.cast(tf.greaterEqual(order, 0), 'float32'), 1, true); // (B, 1)
    return {
      logits: tokensAt({ tokens: logits, order }, tf.tile(places, [batch, 1])),
      mask: tf.cast(tf.less(places, count), 'float32') as tf.Tensor2D,
    };
  }

  /** @throws ConfigError for labels of a target that are none of its vocabulary */
  loss(target: TargetBatch<CtcFeatures> | undefined): LossTerms<CtcOutput> {
    if (!target) return {};
    const { rows, features, values } = target;
    const { reduction, zeroInfinity } = this.#config;
    const { blank, size } = this.vocabulary;
    checkCtcLabels({ labels: values.ids, labelMask: values.mask }, { blank, classes: size });
    const sum = ({ logits, mask }: CtcOutput) => {
      const inputs = {
        ...{ logits: takeRows(logits, rows), mask: takeRows(mask, rows) },
        ...{ labels: features.ids, labelMask: features.mask },
      };
      const losses = ctcLoss(inputs, { blank, zeroInfinity });
      if (reduction === 'sum') return tf.sum<tf.Scalar>(losses);
      return tf.sum<tf.Scalar>(tf.div(losses, tf.maximum(tf.sum(features.mask, 1), 1)));
    };
    return { ctc: { count: rows.length, sum } };
  }

  scores({ logits, mask }: CtcOutput): tf.NamedTensorMap {
    return { logProbabilities: tf.logSoftmax(logits, 2), mask };
  }

  answers(
    scores: Readonly<Record<string, HostTensor>>,
    { size }: PresentRows,
    asked: CtcOptions,
    _features?: readonly Readonly<Record<string, Features>>[],
    signal?: AbortSignal,
  ): Promise<CtcText[]> {
    return readTexts(scores, size, { vocabulary: this.vocabulary, frameSeconds: this.frameSeconds, asked, signal });
  }

  /** Errors for each word and letter that is to be written, and the share of texts that are written to the letter. */
  override evaluate(predictions: readonly CtcText[], targets: readonly (Features | undefined)[]): Metrics {
    const known = predictions.flatMap(({ text }, row) => {
      const target = targets[row];
      return target ? [{ text, reference: this.vocabulary.decode(target.ids.data) }] : [];
    });
    if (known.length === 0) return {};
    const [written, references] = [known.map(({ text }) => text), known.map(({ reference }) => reference)];
    const hasWords = references.some((reference) => reference.trim() !== '');
    return {
      ...(hasWords && {
        wordErrorRate: wordErrorRate(references, written),
        characterErrorRate: characterErrorRate(references, written),
      }),
      accuracy: known.filter(({ text, reference }) => text === reference).length / known.length,
    };
  }
}
