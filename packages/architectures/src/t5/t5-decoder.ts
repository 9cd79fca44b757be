import { type Context, inferenceContext, recomputed, type Tokens } from '@polymodal/core';
import type { T5EncoderConfig } from '@polymodal/encoder-text/pretrained';
import type { CacheSizes } from '@polymodal/generation';
import {
  type AttendedTokens,
  CrossAttentionDecoder,
  type DecoderTokens,
  type KeptTokens,
  tiedToAdapted,
} from '@polymodal/head-text';
import {
  type AttentionState,
  causalState,
  dropout,
  type Embedding,
  EVERYTHING,
  EXCLUDED_LOGIT,
  Linear,
  linear,
  type Past,
  RelativePositionBias,
  RmsNorm,
  runAttentionLayer,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { T5DecoderLayer } from './t5-decoder-layer';

/** What a {@link T5Decoder} is made from. */
export interface T5DecoderConfig extends T5EncoderConfig {
  /** The embeddings of the encoder, which are those of the decoder too. */
  readonly tokenEmbeddings: Embedding;
  /** Whether the logits are made with the embeddings, divided by √D, as before version 1.1. */
  readonly tied: boolean;
}

/**
 * The decoder of T5 (Raffel et al. 2020; HF `T5ForConditionalGeneration`): its tokens see those before them, by how far these are, and look at
 * what was read, however far.
 */
export class T5Decoder extends CrossAttentionDecoder {
  readonly positionBias: RelativePositionBias;
  readonly layers: readonly T5DecoderLayer[];
  readonly norm: RmsNorm;
  /** Undefined where the logits are made with the embeddings. */
  readonly lmHead: Linear | undefined;
  readonly maxPositionEmbeddings = Number.POSITIVE_INFINITY;
  readonly #words: Embedding; // of the encoder, whose parameters they are
  readonly #config: T5DecoderConfig;

  constructor(config: T5DecoderConfig) {
    super();
    const { hiddenSize, vocabSize, numHiddenLayers } = config;
    this.#config = config;
    this.#words = config.tokenEmbeddings;
    this.positionBias = new RelativePositionBias({ ...config, bidirectional: false });
    this.layers = Array.from({ length: numHiddenLayers }, () => new T5DecoderLayer(config));
    this.norm = new RmsNorm(hiddenSize, config.layerNormEps);
    this.lmHead = config.tied ? undefined : new Linear(hiddenSize, vocabSize, { bias: false });
  }

  get vocabSize(): number {
    return this.#config.vocabSize;
  }

  get cacheSizes(): CacheSizes {
    const { numKeyValueHeads, headDim } = this.layers[0].attention;
    return { numKeyValueHeads, headDim, windows: this.layers.map(() => EVERYTHING), lengthWithSamePositions: () => 1 };
  }

  forward({ inputIds, mask }: DecoderTokens, attended: AttendedTokens, context: Context): tf.Tensor3D {
    const length = mask.shape[1];
    const places = tf.reshape<tf.Rank.R2>(tf.range(0, length, 1, 'int32'), [1, length]);
    const causal = causalState(length, [EVERYTHING], undefined).biases.get(EVERYTHING)!;
    const bias = tf.add<tf.Tensor4D>(this.positionBias.forward(places, places), causal);
    const read = this.#dropped(attended.tokens, context); // as Python does behind the encoder's last norm
    const used = { mask, bias, attended: read, seen: attended.mask };
    let x = this.#dropped(this.#words.forward<tf.Tensor3D>(zeroPadding(inputIds, mask)), context);
    for (const layer of this.layers) {
      const run = (own: tf.Tensor3D, again: Context) =>
        layer.forwardLooking(
          own,
          (tokens) => layer.attention.forward(tokens, tokens, mask, again, bias),
          (tokens) => layer.crossAttention.forward(tokens, read, attended.mask, again),
          again,
        );
      x = recomputed(x, context, run, used);
    }
    return this.#dropped(this.norm.forward(x), context);
  }

  keep({ tokens, mask }: AttendedTokens): KeptTokens {
    return { layers: this.layers.map(({ crossAttention }) => crossAttention.keysAndValues(tokens, mask)), mask };
  }

  decode({ inputIds, mask }: DecoderTokens, { layers: kept, mask: seen }: KeptTokens, past: Past) {
    const context = inferenceContext();
    const rows = Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
    const embedded = this.#words.forward<tf.Tensor3D>(zeroPadding(inputIds, mask));
    const state: AttentionState = { biases: new Map([[EVERYTHING, this.#cacheBias(past)]]), past };
    let tokens: Tokens<AttentionState> = { tokens: embedded, mask, rows, state };
    for (const [index, layer] of this.layers.entries()) {
      const looking = {
        attention: layer.attention,
        forwardWith: (x: tf.Tensor3D, attend: (own: tf.Tensor3D) => tf.Tensor3D) =>
          layer.forwardLooking(x, attend, (own) => layer.crossAttention.attendTo(own, kept[index], seen), context),
      };
      tokens = runAttentionLayer(looking, index, tokens, context);
    }
    return { tokens: this.norm.forward(tokens.tokens), past: tokens.state.past! };
  }

  logits<T extends tf.Tensor>(tokens: T): T {
    if (this.lmHead) return this.lmHead.forward(tokens);
    const { weight, adapter } = this.#words;
    if (adapter) throw tiedToAdapted();
    return linear(tf.mul(tokens, this.#config.hiddenSize ** -0.5) as T, weight.value);
  }

  /** Of new tokens, by how far the slots of a cache are that they see: the slots of a row are in the order of its tokens. */
  #cacheBias({ biases, positions }: Past): tf.Tensor4D {
    const bias = biases.get(EVERYTHING)!; // (B, 1, N, C)
    const isTaken = tf.cast(tf.greater(tf.max(bias, [1, 2]), EXCLUDED_LOGIT / 2), 'float32'); // (B, C)
    const places = tf.cast(tf.sub(tf.cumsum(isTaken, 1), 1), 'int32') as tf.Tensor2D;
    return tf.add(this.positionBias.forward(positions, places), bias);
  }

  #dropped(x: tf.Tensor3D, context: Context): tf.Tensor3D {
    return dropout(x, this.#config.dropout, context, this);
  }
}
