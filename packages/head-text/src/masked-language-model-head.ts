import {
  type Batch,
  type Context,
  Head,
  type HeadInput,
  type HostBatch,
  type HostRows,
  type HostTensor,
  hostTensor,
  type LossTerms,
  type Metrics,
  Parameter,
  type PresentRows,
  type RandomKey,
  type Requirements,
  type TargetBatch,
  type TokenCodec,
  type ViewInput,
} from '@polymodal/core';
import {
  type Embedding,
  gelu,
  LayerNorm,
  Linear,
  linear,
  sparseSoftmaxCrossEntropy,
  truncatedNormal,
  zeros,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type HiddenTokens, hideTokens } from './hide-tokens';
import { tokenFigures } from './perplexity';
import { slotTokens, tokensAt } from './slot-tokens';
import { idsOfRow } from './written-ids';

/** What a {@link MaskedLanguageModelHead} is made from. */
export interface MaskedLanguageModelConfig {
  /** The slot of texts. */
  readonly of: string;
  readonly codec: TokenCodec;
  /** What stands for a hidden token. */
  readonly maskId: number;
  /** That a token is hidden. */
  readonly probability: number;
  readonly wholeWords: boolean;
  /** Whether guesses go by what the fusion made of the tokens, which has seen other slots, or by the text's encoder alone. */
  readonly reads: 'owner' | 'encoded';
  /** Width of these tokens. */
  readonly hiddenSize: number;
  /** Of the text's encoder, where the weight of what is guessed by is theirs. */
  readonly embeddings: Embedding | undefined;
}

/** What a {@link MaskedLanguageModelHead} computes. */
export interface MaskedLanguageModelOutput {
  /** Of a text as it is: the token that is most probable in each place (B, N), −1 where there is none. */
  readonly ids?: tf.Tensor2D;
  /** In training: of hidden tokens (P, M, V). */
  readonly logits?: tf.Tensor3D;
}

/** What a {@link MaskedLanguageModelHead} says of a row. */
export interface FilledText {
  /** The text with a guess for each token: where the mask of its tokenizer stands in it, what is most probable there. */
  readonly text: string;
  readonly ids: Int32Array;
}

/**
 * Learns a text's encoder, and what the fusion makes of it, by guessing tokens that are hidden (BERT, Devlin et al. 2019; HF
 * `BertForMaskedLM`, whose head it has: a linear map, GELU, a norm, and the embeddings of tokens). Other slots stay as they are: beside a
 * picture it learns what the picture says of missing words (Li et al. 2021, ALBEF).
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer' } },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { words: { use: 'masked-language-model', wholeWords: true } },
 * });
 * ```
 */
export class MaskedLanguageModelHead extends Head<MaskedLanguageModelOutput, FilledText> {
  readonly requires: Requirements;
  override readonly reads;
  override readonly needsTarget = false;
  readonly transform: Linear;
  readonly norm: LayerNorm;
  /** (V, D); undefined where it is that of the token embeddings. */
  readonly weight: Parameter<tf.Rank.R2> | undefined;
  /** (V) */
  readonly bias: Parameter<tf.Rank.R1>;
  readonly #config: MaskedLanguageModelConfig;

  constructor(config: MaskedLanguageModelConfig) {
    super();
    const { of, reads, hiddenSize, embeddings, codec } = config;
    this.#config = config;
    this.requires = { all: [of] };
    this.reads = [reads];
    const width = embeddings?.weight.shape[1] ?? hiddenSize;
    this.transform = new Linear(hiddenSize, width);
    this.norm = new LayerNorm(width, 1e-5);
    const vocabSize = embeddings?.numEmbeddings ?? codec.vocabSize;
    this.weight = embeddings ? undefined : new Parameter([vocabSize, width], truncatedNormal(0.02));
    this.bias = new Parameter([vocabSize], zeros);
  }

  /**
   * @param tokens (…, D)
   * @returns (…, V)
   */
  logits<T extends tf.Tensor>(tokens: T): T {
    const guessed = this.norm.forward(gelu(this.transform.forward(tokens)));
    const weight = this.weight?.value ?? this.#config.embeddings!.weight.value;
    return linear(guessed, weight, this.bias.value);
  }

  override draw({ modalities }: HostBatch, key: RandomKey): HostRows | undefined {
    const own = modalities[this.#config.of];
    if (!own) return undefined;
    const { inputIds, mask, placeSlot } = own.features;
    const [rows, length] = inputIds.shape;
    const hidden = Array.from({ length: rows }, (_, row) => {
      const rowOf = ({ data }: HostTensor) => data.subarray(row * length, (row + 1) * length);
      return this.#hide(rowOf(inputIds), rowOf(mask), placeSlot && rowOf(placeSlot), key.fold(row));
    });
    return { rows: own.rows, features: hiddenFeatures(hidden, inputIds, mask) };
  }

  #hide(
    ids: ArrayLike<number>,
    mask: ArrayLike<number>,
    places: ArrayLike<number> | undefined,
    key: RandomKey,
  ): HiddenTokens {
    const { codec, maskId, probability, wholeWords } = this.#config;
    const special = new Set(codec.specialIds);
    const mayHide = Array.from(ids, (id, place) => {
      return mask[place] === 1 && !special.has(id) && (places?.[place] ?? -1) < 0 ? 1 : 0;
    });
    const words = wholeWords ? codec.wordsOf?.(ids) : undefined;
    const draw = (name: string) => key.fold(name).uniform(ids.length);
    return hideTokens(
      { ids, mayHide, words },
      { probability, maskId, vocabSize: codec.vocabSize },
      { hides: draw('hides'), masks: draw('masks'), swaps: draw('swaps'), tokens: draw('tokens') },
    );
  }

  override view({ size, modalities }: Batch, { target }: ViewInput): Batch {
    const { of } = this.#config;
    const { rows, features } = modalities[of];
    const hidden = { ...features, inputIds: target!.features.inputIds };
    return { size, modalities: { ...modalities, [of]: { rows, features: hidden } }, targets: {} };
  }

  forward({ fused }: HeadInput, _: Context, target?: TargetBatch): MaskedLanguageModelOutput {
    const own = slotTokens(fused, this.#config.of, this.#config.reads);
    if (target) return { logits: this.logits(tokensAt(own, target.features.order as tf.Tensor2D)) };
    const best = tf.cast(tf.argMax(this.logits(own.tokens), 2), 'float32') as tf.Tensor2D;
    return { ids: tf.where(tf.greaterEqual(own.order, 0), best, tf.fill(best.shape, -1)) };
  }

  /** The mean cross-entropy of hidden tokens (that of labels −100 elsewhere in Python). */
  loss(target: TargetBatch | undefined): LossTerms<MaskedLanguageModelOutput> {
    if (!target) return {};
    const count = Array.from(target.values.counted.data).reduce((sum, one) => sum + one, 0);
    const sum = ({ logits }: MaskedLanguageModelOutput) => {
      const { labels, counted } = target.features;
      const surprise = sparseSoftmaxCrossEntropy(logits!, labels as tf.Tensor2D);
      return tf.sum<tf.Scalar>(tf.mul(surprise, counted as tf.Tensor2D));
    };
    return { tokens: { count, sum } };
  }

  scores({ ids }: MaskedLanguageModelOutput): tf.NamedTensorMap {
    return { ids: ids! };
  }

  answers({ ids }: Readonly<Record<string, HostTensor>>, { size }: PresentRows): FilledText[] {
    return Array.from({ length: size }, (_, row) => {
      const own = idsOfRow(ids, row);
      return { text: String(this.#config.codec.decode(own)), ids: Int32Array.from(own) };
    });
  }

  /** Of hidden tokens. */
  override evaluateLoss(means: Readonly<Record<string, number>>): Metrics {
    return tokenFigures(means);
  }
}

/** Places of hidden tokens are padded to a multiple of so large a share of a row, so that their number gives rise to few shapes. */
const placeShare = 8;

function hiddenFeatures(hidden: readonly HiddenTokens[], inputIds: HostTensor, mask: HostTensor): HostRows['features'] {
  const [rows, length] = inputIds.shape;
  const step = Math.max(1, Math.ceil(length / placeShare));
  const most = Math.max(1, ...hidden.map(({ places }) => places.length));
  const width = Math.min(length, Math.ceil(most / step) * step);
  const ids = new Int32Array(rows * length);
  const [order, labels, counted] = [0, 1, 2].map(() => new Int32Array(rows * width));
  hidden.forEach((own, row) => {
    ids.set(own.ids, row * length);
    const takesPart = mask.data.subarray(row * length, (row + 1) * length);
    own.places.forEach((place, index) => {
      const at = row * width + index;
      order[at] = takesPart.subarray(0, place).filter((one) => one === 1).length;
      labels[at] = inputIds.data[row * length + place];
      counted[at] = 1;
    });
  });
  return {
    inputIds: hostTensor(ids, [rows, length]),
    order: hostTensor(order, [rows, width]),
    labels: hostTensor(labels, [rows, width]),
    counted: hostTensor(Uint8Array.from(counted), [rows, width]),
  };
}
