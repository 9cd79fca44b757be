import { type Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkRate } from './check-rate';
import { dropPath } from './drop-path';
import { dropout } from './dropout';
import { FeedForward } from './feed-forward';
import { LayerNorm } from './layer-norm';
import { MultiHeadAttention } from './multi-head-attention';
import type { TransformerLayerConfig } from './transformer-layer';

/** Config of {@link DecoderLayer}. */
export interface DecoderLayerConfig extends TransformerLayerConfig {
  /** Width of the tokens that its own look at; hiddenSize by default. */
  readonly keyValueSize?: number | undefined;
}

/** (B, N, D) → (B, N, D) */
type Branch = (x: tf.Tensor3D) => tf.Tensor3D;

/**
 * A Transformer decoder layer (Vaswani et al. 2017, section 3.1): its tokens attend to one another, then look at those of another part,
 * then go through a feed-forward network. Norms stand at the beginning of the branches (HF `WhisperDecoderLayer`) or behind the sums
 * (`BartDecoderLayer`).
 */
export class DecoderLayer extends Module {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly crossNorm: LayerNorm;
  readonly crossAttention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;
  readonly #config: Required<Pick<TransformerLayerConfig, 'hiddenDropout' | 'dropPath' | 'normPosition'>>;

  constructor({ keyValueSize, ...config }: DecoderLayerConfig) {
    super();
    const { hiddenSize, hiddenDropout = 0, dropPath = 0, layerNormEps = 1e-5, normPosition = 'pre' } = config;
    const attention = { ...config, bias: config.projectionBias };
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.attention = new MultiHeadAttention(attention);
    this.crossNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.crossAttention = new MultiHeadAttention({ ...attention, ...(keyValueSize && { keyValueSize }) });
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.feedForward = new FeedForward(config);
    this.#config = {
      hiddenDropout: checkRate('hiddenDropout', hiddenDropout),
      dropPath: checkRate('dropPath', dropPath),
      normPosition,
    };
  }

  /**
   * @param tokens (B, N, D)
   * @param attend to one another, or to a cache
   * @param look   at the tokens of the other part
   * @returns      (B, N, D)
   */
  forwardWith(tokens: tf.Tensor3D, attend: Branch, look: Branch, context: Context): tf.Tensor3D {
    const { hiddenDropout } = this.#config;
    const attended = this.#added(tokens, this.norm1, (x) => dropout(attend(x), hiddenDropout, context, this), context);
    const looked = this.#added(
      attended,
      this.crossNorm,
      (x) => dropout(look(x), hiddenDropout, context, this),
      context,
    );
    return this.#added(looked, this.norm2, (x) => this.feedForward.forward(x, context), context);
  }

  #added(x: tf.Tensor3D, norm: LayerNorm, branch: Branch, context: Context): tf.Tensor3D {
    const { dropPath: rate, normPosition } = this.#config;
    const change = (from: tf.Tensor3D) => dropPath(branch(from), rate, context, this);
    return normPosition === 'pre' ? tf.add(x, change(norm.forward(x))) : norm.forward(tf.add(x, change(x)));
  }
}
