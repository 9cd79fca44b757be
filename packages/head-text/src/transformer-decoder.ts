import { type Context, inferenceContext, recomputed, type Tokens } from '@polymodal/core';
import type { CacheSizes } from '@polymodal/generation';
import {
  type AttentionState,
  causalState,
  DecoderLayer,
  type DecoderLayerConfig,
  dropout,
  Embedding,
  EVERYTHING,
  LayerNorm,
  Linear,
  linear,
  type Past,
  positionsFromMask,
  runAttentionLayer,
  type TransformerConfig,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { AttendedTokens, KeptTokens } from './attended-tokens';
import { CrossAttentionDecoder, type DecoderTokens } from './cross-attention-decoder';
import { tiedToAdapted } from './tied-to-adapted';

/** What a {@link TransformerDecoder} is made from. */
export interface TransformerDecoderConfig
  extends TransformerConfig,
    Pick<DecoderLayerConfig, 'keyValueSize' | 'projectionBias' | 'activationDropout' | 'normPosition'> {
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  /** Whether the logits are made with the weight of the token embeddings. */
  readonly tied: boolean;
  /** Whether what is embedded is multiplied by √D, positions aside; not by default. */
  readonly scaleEmbeddings?: boolean;
}

/**
 * Token and learned position embeddings, and decoder layers (Vaswani et al. 2017, section 3.1). With norms at the beginning of branches (Xiong
 * et al. 2020; HF `WhisperDecoder`) a last one stands behind the layers; with norms behind sums (HF `BlipTextModel`) a first one before
 * them.
 */
export class TransformerDecoder extends CrossAttentionDecoder {
  readonly tokenEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly layers: readonly DecoderLayer[];
  /** Before the layers, or behind them. */
  readonly norm: LayerNorm;
  /** Undefined where the logits are made with the embeddings. */
  readonly lmHead: Linear | undefined;
  readonly #config: TransformerDecoderConfig;

  constructor(config: TransformerDecoderConfig) {
    super();
    const { hiddenSize, vocabSize, numHiddenLayers, dropPath } = config;
    this.#config = config;
    this.tokenEmbeddings = new Embedding(vocabSize, hiddenSize);
    this.positionEmbeddings = new Embedding(config.maxPositionEmbeddings, hiddenSize);
    this.layers = Array.from(
      { length: numHiddenLayers },
      (_, index) => new DecoderLayer({ ...config, dropPath: (dropPath * index) / Math.max(numHiddenLayers - 1, 1) }),
    );
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.lmHead = config.tied ? undefined : new Linear(hiddenSize, vocabSize, { bias: false });
  }

  get vocabSize(): number {
    return this.#config.vocabSize;
  }

  get maxPositionEmbeddings(): number {
    return this.#config.maxPositionEmbeddings;
  }

  get cacheSizes(): CacheSizes {
    const { numKeyValueHeads, headDim } = this.layers[0].attention;
    const windows = this.layers.map(() => EVERYTHING);
    return { numKeyValueHeads, headDim, windows, lengthWithSamePositions: () => this.maxPositionEmbeddings };
  }

  forward(tokens: DecoderTokens, attended: AttendedTokens, context: Context): tf.Tensor3D {
    const { mask } = tokens;
    const embedded = this.#embed(tokens, positionsFromMask(mask), context);
    const bias = causalState(mask.shape[1], [EVERYTHING], undefined).biases.get(EVERYTHING);
    const used = { mask, bias, attended: attended.tokens, seen: attended.mask };
    let x = embedded;
    for (const layer of this.layers) {
      x = recomputed(x, context, (own, again) => runWhole(layer, own, { mask, bias }, attended, again), used);
    }
    return this.#finish(x);
  }

  /**
   * How much each token looks at each of those of the other part: to see what was written about what. Nothing is dropped.
   *
   * @param heads layer and head of each that is told of
   * @returns     (B, K, N, M)
   */
  looks(tokens: DecoderTokens, attended: AttendedTokens, heads: readonly (readonly [number, number])[]): tf.Tensor4D {
    const context = inferenceContext();
    const { mask } = tokens;
    const bias = causalState(mask.shape[1], [EVERYTHING], undefined).biases.get(EVERYTHING);
    let x = this.#embed(tokens, positionsFromMask(mask), context);
    const told: tf.Tensor4D[] = [];
    for (const [index, layer] of this.layers.entries()) {
      x = layer.forwardWith(
        x,
        (own) => layer.attention.forward(own, own, mask, context, bias),
        (own) => {
          const { crossAttention } = layer;
          if (heads.some(([of]) => of === index))
            told[index] = crossAttention.weights(own, attended.tokens, attended.mask);
          return crossAttention.forward(own, attended.tokens, attended.mask, context);
        },
        context,
      );
    }
    const [rows, length, seen] = [...mask.shape, attended.mask.shape[1]];
    return tf.concat(
      heads.map(([layer, head]) => tf.slice(told[layer], [0, head, 0, 0], [rows, 1, length, seen])),
      1,
    );
  }

  keep({ tokens, mask }: AttendedTokens): KeptTokens {
    return { layers: this.layers.map(({ crossAttention }) => crossAttention.keysAndValues(tokens, mask)), mask };
  }

  decode(given: DecoderTokens, { layers: kept, mask: seen }: KeptTokens, past: Past) {
    const context = inferenceContext();
    const { mask } = given;
    const rows = Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
    const embedded = this.#embed(given, past.positions, context);
    const state = causalState(mask.shape[1], [EVERYTHING], past);
    let tokens: Tokens<AttentionState> = { tokens: embedded, mask, rows, state };
    for (const [index, layer] of this.layers.entries()) {
      const looking = {
        attention: layer.attention,
        forwardWith: (x: tf.Tensor3D, attend: (own: tf.Tensor3D) => tf.Tensor3D) =>
          layer.forwardWith(x, attend, (own) => layer.crossAttention.attendTo(own, kept[index], seen), context),
      };
      tokens = runAttentionLayer(looking, index, tokens, context);
    }
    return { tokens: this.#finish(tokens.tokens), past: tokens.state.past! };
  }

  logits<T extends tf.Tensor>(tokens: T): T {
    if (this.lmHead) return this.lmHead.forward(tokens);
    const { weight, adapter } = this.tokenEmbeddings;
    if (adapter) throw tiedToAdapted();
    return linear(tokens, weight.value);
  }

  #embed({ inputIds, mask }: DecoderTokens, positions: tf.Tensor2D, context: Context): tf.Tensor3D {
    const { scaleEmbeddings, hiddenSize, hiddenDropout } = this.#config;
    const words = this.tokenEmbeddings.forward<tf.Tensor3D>(zeroPadding(inputIds, mask));
    const scaled = scaleEmbeddings ? tf.mul<tf.Tensor3D>(words, Math.sqrt(hiddenSize)) : words;
    const placed = tf.add<tf.Tensor3D>(scaled, this.positionEmbeddings.forward(positions));
    return dropout(this.#isPost ? this.norm.forward(placed) : placed, hiddenDropout, context, this);
  }

  #finish(x: tf.Tensor3D): tf.Tensor3D {
    return this.#isPost ? x : this.norm.forward(x);
  }

  get #isPost(): boolean {
    return this.#config.normPosition === 'post';
  }
}

/** A layer over a whole sequence. */
function runWhole(
  layer: DecoderLayer,
  tokens: tf.Tensor3D,
  { mask, bias }: { readonly mask: tf.Tensor2D; readonly bias: tf.Tensor4D | undefined },
  attended: AttendedTokens,
  context: Context,
): tf.Tensor3D {
  return layer.forwardWith(
    tokens,
    (x) => layer.attention.forward(x, x, mask, context, bias),
    (x) => layer.crossAttention.forward(x, attended.tokens, attended.mask, context),
    context,
  );
}
