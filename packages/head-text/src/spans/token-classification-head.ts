import type {
  Context,
  Features,
  HeadInput,
  HostTensor,
  LossTerms,
  Metrics,
  PresentRows,
  TargetBatch,
} from '@polymodal/core';
import { dropout, Linear, sparseSoftmaxCrossEntropy, takeRows, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { SlotHead } from '../slot-head';
import { type SlotReading, tokensAt } from '../slot-tokens';
import { entityMetrics } from './entity-metrics';
import { locatedText } from './located-text';
import { type FoundSpan, spansIn } from './spans-in';
import type { TaggedFeatures, TaggedRow, TokenTarget } from './token-target';

const predictOptions = z.object({
  /** What is tagged as one: words, each as its first token, or each token by itself (`simple` of Python's pipeline). */
  aggregation: z.enum(['first', 'simple']).default('first'),
});

/** What a {@link TokenClassificationHead} is made from. */
export interface TokenClassificationConfig {
  readonly target: Pick<TokenTarget, 'slot' | 'tags' | 'labels'>;
  /** Whether it goes by what the fusion made of the tokens, which has seen other slots, or by the text's encoder alone. */
  readonly reads: SlotReading['reads'];
  /** Width of these tokens. */
  readonly hiddenSize: number;
  readonly dropout: number;
}

/** What a {@link TokenClassificationHead} computes. */
export interface TokenTags {
  /** (B, N, K) */
  readonly logits: tf.Tensor3D;
  /** (B, N): which of the slot's tokens each is, −1 for none. */
  readonly order: tf.Tensor2D;
}

/** What a {@link TokenClassificationHead} says of a row. */
export interface TaggedText {
  /** In the order of the text. */
  readonly spans: readonly FoundSpan[];
}

/**
 * Finds spans of a text: names, places, parts of speech. Each token is one of several tags, by a linear map and a softmax (HF
 * `BertForTokenClassification`).
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer' } },
 *   fusion: { use: 'none' },
 *   heads: { names: { use: 'token-classification', labels: ['person', 'place'] } },
 * });
 * const [answer] = await composeModel(createRegistry([text, fusion, headText]), config).predict([{ note: 'Ada went to London.' }]);
 * console.log(answer?.names.spans); // [{ start, end, text, label, score }, …]
 * ```
 */
export class TokenClassificationHead extends SlotHead<TokenTags, TaggedText, typeof predictOptions> {
  override readonly predictOptions = predictOptions;
  readonly classifier: Linear;
  readonly #config: TokenClassificationConfig;

  constructor(config: TokenClassificationConfig) {
    super(config.target.slot, config.reads);
    this.#config = config;
    this.classifier = new Linear(config.hiddenSize, config.target.tags.length, { initializer: truncatedNormal(0.02) });
  }

  forward({ fused }: HeadInput, context: Context): TokenTags {
    const { tokens, order } = this.tokensOf(fused);
    return { logits: this.classifier.forward(dropout(tokens, this.#config.dropout, context, this)), order };
  }

  /** The mean cross-entropy of the tokens that are learned (others have the label −100 in Python). */
  loss(target: TargetBatch<TaggedFeatures> | undefined): LossTerms<TokenTags> {
    if (!target) return {};
    const { rows, features, values } = target;
    const sum = ({ logits, order }: TokenTags) => {
      const own = { tokens: takeRows(logits, rows), order: takeRows(order, rows) };
      const [size, length] = features.tags.shape;
      const places = tf.tile(tf.reshape(tf.range(0, length), [1, length]) as tf.Tensor2D, [size, 1]);
      const surprise = sparseSoftmaxCrossEntropy(tokensAt(own, places), features.tags);
      return tf.sum<tf.Scalar>(tf.mul(surprise, features.counted));
    };
    return { crossEntropy: { count: Array.from(values.counted.data).reduce((total, one) => total + one, 0), sum } };
  }

  scores({ logits, order }: TokenTags): tf.NamedTensorMap {
    return { logits, order };
  }

  answers(
    { logits, order }: Readonly<Record<string, HostTensor>>,
    { size }: PresentRows,
    { aggregation }: z.output<typeof predictOptions>,
    features: readonly Readonly<Record<string, Features>>[],
  ): TaggedText[] {
    const { slot, tags } = this.#config.target;
    const length = order!.shape[1]!;
    return Array.from({ length: size }, (_, row) => {
      const text = locatedText(features[row]?.[slot] ?? {}, slot);
      const scored: Float32Array[] = [];
      for (let at = 0; at < length; at++) {
        const token = order!.data[row * length + at]!;
        const from = (row * length + at) * tags.length;
        if (token >= 0) scored[token] = logits!.data.slice(from, from + tags.length) as Float32Array;
      }
      return { spans: spansIn(text, scored, tags, aggregation) };
    });
  }

  override evaluate(predictions: readonly TaggedText[], targets: readonly (TaggedRow | undefined)[]): Metrics {
    const rows = predictions.flatMap(({ spans }, row) => {
      const target = targets[row];
      if (!target) return [];
      const { data } = target.spans;
      const actual = Array.from({ length: target.spans.shape[0] }, (_, at) => ({
        start: data[3 * at]!,
        end: data[3 * at + 1]!,
        label: this.#config.target.labels[data[3 * at + 2]!]!,
      }));
      return [{ predicted: spans, actual }];
    });
    return entityMetrics(rows, this.#config.target.labels);
  }
}
