import { type Context, type ModalityBatch, type Tokens, withTokens } from '@polymodal/core';
import {
  Embedding,
  type KeyValueCache,
  RmsNorm,
  RotaryEmbedding,
  type RotaryParameters,
  zeroPadding,
} from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { causalBias } from '../../causal-bias';
import { CausalEncoder, type DecodedStep, type DecodingStep } from '../../generation/causal-encoder';
import { decodeLayers } from '../../generation/decode-layers';
import { poolTokens } from '../../pool-tokens';
import { positionsFromMask } from '../positions-from-mask';
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
 * queries and keys.
 *
 * Features: `inputIds` int32 (P, N), `mask` (P, N), and perhaps `positionIds` (P, N), in place of those that count the tokens of
 * each text. A layer takes the `positions` of the tokens that it is given, and counts where there are none. The vector of a
 * text is that of its last token.
 *
 * With the scalings `dynamic` and `longrope`, angles depend on the length of the batch, padding included, as in Python.
 */
export class LlamaEncoder extends CausalEncoder {
  readonly tokenEmbeddings: Embedding;
  readonly layers: readonly LlamaLayer[];
  readonly norm: RmsNorm;
  readonly hiddenSize: number;
  readonly maxPositionEmbeddings: number;
  readonly #rotary: RotaryEmbedding;
  readonly #slidingWindow: (layer: number) => number | undefined;

  constructor(config: LlamaEncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.maxPositionEmbeddings = config.maxPositionEmbeddings;
    this.tokenEmbeddings = new Embedding(config.vocabSize, config.hiddenSize);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new LlamaLayer(config));
    this.norm = new RmsNorm(config.hiddenSize, config.rmsNormEps);
    this.#rotary = new RotaryEmbedding(config);
    this.#slidingWindow = config.slidingWindow ?? (() => undefined);
  }

  get depth(): number {
    return this.layers.length;
  }

  get cacheHeads() {
    return this.layers[0].attention;
  }

  override windowOf(layer: number): number {
    return this.#slidingWindow(layer) ?? Number.POSITIVE_INFINITY;
  }

  override lengthWithSamePositions(length: number): number {
    return this.#rotary.lengthWithSameAngles(length);
  }

  embed({ features, rows }: ModalityBatch): Tokens {
    const mask = features.mask as tf.Tensor2D;
    const ids = zeroPadding(features.inputIds as tf.Tensor2D, mask); // (P, N)
    const positions = features.positionIds && zeroPadding(features.positionIds as tf.Tensor2D, mask);
    return { tokens: this.tokenEmbeddings.forward(ids), mask, rows, ...(positions && { positions }) }; // (P, N, D)
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    const bias = causalBias(tokens.tokens.shape[1], this.#slidingWindow(index));
    const rotation = this.#rotary.rotation(tokens.positions ?? positionsFromMask(tokens.mask));
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context, bias, rotation));
  }

  protected override finishTokens(tokens: Tokens): Tokens {
    return withTokens(tokens, this.norm.forward(tokens.tokens));
  }

  protected override ownVectors({ tokens, mask }: Tokens): tf.Tensor2D {
    return poolTokens(tokens, mask, 'last');
  }

  decode(step: DecodingStep, caches: readonly KeyValueCache[]): DecodedStep {
    const words = this.tokenEmbeddings.forward<tf.Tensor3D>(step.inputIds);
    const rotation = this.#rotary.rotation(step.positionIds, step.length);
    const decoded = decodeLayers(this.layers, words, caches, (layer) => {
      return { places: step.places, bias: step.biasOf(this.windowOf(layer)), rotation };
    });
    return { ...decoded, tokens: this.norm.forward(decoded.tokens) };
  }
}
