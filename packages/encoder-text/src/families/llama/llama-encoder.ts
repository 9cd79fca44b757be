import type { Context, ModalityBatch, Sequence, Tokens } from '@polymodal/core';
import type { CacheSizes, CausalEncoder } from '@polymodal/generation';
import {
  type AttentionState,
  causalState,
  Embedding,
  EVERYTHING,
  type Past,
  positionsFromMask,
  RmsNorm,
  RotaryEmbedding,
  type RotaryParameters,
  runAttentionLayer,
  zeroPadding,
} from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { poolTokens } from '../../pool-tokens';
import { SentenceEncoder } from '../../sentence/sentence-encoder';
import type { TextFeatures } from '../../text-features';
import { LlamaLayer, type LlamaLayerConfig } from './llama-layer';

/** What a {@link LlamaEncoder} is made from: the names of HF `LlamaConfig`. */
export interface LlamaEncoderConfig extends LlamaLayerConfig {
  readonly vocabSize: number;
  readonly numHiddenLayers: number;
  readonly maxPositionEmbeddings: number;
  readonly ropeParameters: RotaryParameters;
  /** How many tokens back a token of a layer sees, itself among them; all of them where there is none. */
  readonly slidingWindow?: (layer: number) => number | undefined;
}

/**
 * Llama and its descendants (Touvron et al. 2023; HF `LlamaModel`): a token sees itself and those before it; positions turn
 * queries and keys. Positions count the tokens of each text, where none are given. The vector of a text is that of its last token.
 *
 * With the scalings `dynamic` and `longrope`, angles depend on the length of the batch, padding included, as in Python.
 */
export class LlamaEncoder extends SentenceEncoder<AttentionState> implements CausalEncoder {
  readonly tokenEmbeddings: Embedding;
  readonly layers: readonly LlamaLayer[];
  readonly norm: RmsNorm;
  readonly hiddenSize: number;
  readonly maxPositionEmbeddings: number;
  /** How many tokens back each layer sees. */
  readonly windows: readonly number[];
  readonly #rotary: RotaryEmbedding;

  constructor(config: LlamaEncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.maxPositionEmbeddings = config.maxPositionEmbeddings;
    this.tokenEmbeddings = new Embedding(config.vocabSize, config.hiddenSize);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new LlamaLayer(config));
    this.norm = new RmsNorm(config.hiddenSize, config.rmsNormEps);
    this.windows = this.layers.map((_, layer) => config.slidingWindow?.(layer) ?? EVERYTHING);
    this.#rotary = new RotaryEmbedding(config);
  }

  get depth(): number {
    return this.layers.length;
  }

  get cacheSizes(): CacheSizes {
    const { numKeyValueHeads, headDim } = this.layers[0].attention;
    const lengthWithSamePositions = (length: number) => this.#rotary.lengthWithSameAngles(length);
    return { numKeyValueHeads, headDim, windows: this.windows, lengthWithSamePositions };
  }

  embed({ features, rows }: ModalityBatch<TextFeatures>, _context: Context, past?: Past): Tokens<AttentionState> {
    const { mask, positionIds } = features;
    const positions = positionIds && zeroPadding(positionIds, mask);
    return this.#begin(this.words({ features, rows }), positions, past);
  }

  words({ features: { inputIds, mask }, rows }: ModalityBatch<TextFeatures>): Sequence {
    return { tokens: this.tokenEmbeddings.forward(zeroPadding(inputIds, mask)), mask, rows }; // (P, N, D)
  }

  override adopt(sequence: Sequence, _context: Context, past?: Past): Tokens<AttentionState> {
    return this.#begin(sequence, undefined, past);
  }

  layer(index: number, tokens: Tokens<AttentionState>, context: Context): Tokens<AttentionState> {
    return runAttentionLayer(this.layers[index], index, tokens, context, this.windows[index]);
  }

  protected override finishTokens(tokens: tf.Tensor3D): tf.Tensor3D {
    return this.norm.forward(tokens);
  }

  protected override ownVectors({ tokens, mask }: Tokens): tf.Tensor2D {
    return poolTokens(tokens, mask, 'last');
  }

  #begin({ tokens, mask, rows }: Sequence, given: tf.Tensor2D | undefined, past?: Past): Tokens<AttentionState> {
    const positions = past?.positions ?? given ?? positionsFromMask(mask);
    const rotation = this.#rotary.rotation(positions, past?.length);
    return { tokens, mask, rows, state: { ...causalState(mask.shape[1], this.windows, past), rotation } };
  }
}
