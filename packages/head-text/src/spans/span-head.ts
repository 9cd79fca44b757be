import {
  type Context,
  defineHead,
  type Features,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type PresentRows,
  type TargetBatch,
} from '@polymodal/core';
import { dropout, Linear, sparseSoftmaxCrossEntropy, takeRows, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { SlotHead } from '../slot-head';
import { readingOf, type SlotReading, tokensAt } from '../slot-tokens';
import { answerMetrics } from './answer-metrics';
import { bestSpan, type FoundAnswer } from './best-span';
import { locatedText, textOf } from './located-text';
import { type AnswerFeatures, type AnswerRow, type SpanTarget, spanTarget } from './span-target';
import type { TokenTags } from './token-classification-head';

const predictOptions = z.object({
  /** Most tokens of an answer. */
  maxAnswerTokens: z.int().min(1).default(30),
  /** By how much the logits of no answer have to be above those of the best, that there is said to be none. */
  noAnswerThreshold: z.number().default(0),
});

/** What a {@link SpanHead} is made from. */
export interface SpanConfig {
  readonly target: Pick<SpanTarget, 'slot' | 'noAnswer'>;
  /** Whether it goes by what the fusion made of the tokens, which has seen other slots, or by the text's encoder alone. */
  readonly reads: SlotReading['reads'];
  /** Width of these tokens. */
  readonly hiddenSize: number;
  readonly dropout: number;
}

/** What a {@link SpanHead} says of a row. */
export interface SpanAnswer {
  /** Null where the text has none. */
  readonly answer: FoundAnswer | null;
  /** The logits of no answer less those of the best one; null where the head does not learn that there may be none. */
  readonly noAnswer: number | null;
}

/**
 * Finds the answer in a text, as it stands there: at which token it begins, and with which it ends, by a linear map and two softmaxes (HF
 * `BertForQuestionAnswering`). The question is the first text of a pair, or what the fusion has from other slots: a picture, a recording.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { text: { use: 'transformer', maxLength: 128, stride: 32, several: { most: 16, ordered: false } } },
 *   fusion: { use: 'none' },
 *   heads: { answer: { use: 'span' } },
 * });
 * const model = composeModel(createRegistry([text, fusion, headText]), config);
 * const [said] = await model.predict([{ text: { text: 'Where did Ada go?', pair: 'Ada went to London.' } }]);
 * console.log(said?.answer.answer?.text);
 * ```
 */
export class SpanHead extends SlotHead<TokenTags, SpanAnswer, typeof predictOptions> {
  override readonly predictOptions = predictOptions;
  readonly boundaries: Linear;
  readonly #config: SpanConfig;

  constructor(config: SpanConfig) {
    super(config.target.slot, config.reads);
    this.#config = config;
    this.boundaries = new Linear(config.hiddenSize, 2, { initializer: truncatedNormal(0.02) });
  }

  /** @returns logits (B, N, 2), of beginnings and ends */
  forward({ fused }: HeadInput, context: Context): TokenTags {
    const { tokens, order } = this.tokensOf(fused);
    return { logits: this.boundaries.forward(dropout(tokens, this.#config.dropout, context, this)), order };
  }

  /**
   * The mean of both cross-entropies, each among the tokens of a window, over the windows that are learned: a window that does not have the whole
   * answer learns that there is none.
   */
  loss(target: TargetBatch<AnswerFeatures> | undefined): LossTerms<TokenTags> {
    if (!target) return {};
    const { rows, features, values } = target;
    const sum = ({ logits, order }: TokenTags) => {
      const own = { tokens: takeRows(logits, rows), order: takeRows(order, rows) };
      const [size, windows, length] = features.places.shape;
      const places = tf.reshape<tf.Rank.R2>(features.places, [size, windows * length]);
      const isToken = tf.reshape(tf.greaterEqual(places, 0), [size * windows, length]);
      const [starts, ends] = tf.unstack(tokensAt(own, places), 2); // (P, W · N) each
      const surprise = (all: tf.Tensor, at: tf.Tensor2D) => {
        const ofWindow = tf.reshape(all, [size * windows, length]);
        const among = tf.where(isToken, ofWindow, tf.fill(ofWindow.shape, noToken));
        return sparseSoftmaxCrossEntropy(among, tf.reshape(at, [size * windows]));
      };
      const both = tf.add(surprise(starts!, features.starts), surprise(ends!, features.ends));
      return tf.mul<tf.Scalar>(tf.sum(tf.mul(both, tf.reshape(features.counted, [size * windows]))), 0.5);
    };
    return { crossEntropy: { count: Array.from(values.counted.data).reduce((total, one) => total + one, 0), sum } };
  }

  scores({ logits, order }: TokenTags): tf.NamedTensorMap {
    return { logits, order };
  }

  answers(
    { logits, order }: Readonly<Record<string, HostTensor>>,
    { size }: PresentRows,
    { maxAnswerTokens, noAnswerThreshold }: z.output<typeof predictOptions>,
    features: readonly Readonly<Record<string, Features>>[],
  ): SpanAnswer[] {
    const { slot, noAnswer: mayBeNone } = this.#config.target;
    const length = order!.shape[1]!;
    return Array.from({ length: size }, (_, row) => {
      const text = locatedText(features[row]?.[slot] ?? {}, slot);
      const [starts, ends]: [number[], number[]] = [[], []];
      for (let at = row * length; at < (row + 1) * length; at++) {
        const token = order!.data[at]!;
        if (token < 0) continue;
        starts[token] = logits!.data[2 * at]!;
        ends[token] = logits!.data[2 * at + 1]!;
      }
      const { answer, noAnswer } = bestSpan(text, { starts, ends }, { maxTokens: maxAnswerTokens, mayBeNone });
      const isNone = noAnswer !== undefined && noAnswer > noAnswerThreshold;
      return { answer: isNone ? null : (answer ?? null), noAnswer: noAnswer ?? null };
    });
  }

  override evaluate(predictions: readonly SpanAnswer[], targets: readonly (AnswerRow | undefined)[]): Metrics {
    return answerMetrics(
      predictions.flatMap(({ answer }, row) => {
        const target = targets[row];
        return target ? [{ predicted: answer?.text ?? '', actual: rightAnswers(target) }] : [];
      }),
    );
  }
}

/** What takes no part in a softmax: e to the power of it is 0. */
const noToken = -1e9;

function rightAnswers({ lengths, characters }: AnswerRow): string[] {
  let from = 0;
  return Array.from(lengths.data, (length) => {
    from += length;
    return textOf(characters.data.subarray(from - length, from));
  });
}

/** The head `span`: a {@link SpanHead}. */
export const span = defineHead({
  name: 'span',
  target: spanTarget,
  config: z.object({
    /** Rate of dropout before the last layer. */
    dropout: z.number().min(0).lt(1).default(0),
  }),
  create: ({ dropout }, { encoders, fusion, target }) => {
    return new SpanHead({ target, dropout, ...readingOf(target.slot, fusion, encoders) });
  },
});
