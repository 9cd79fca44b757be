import { ConfigError, type Context, Module, recomputed } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkRate } from './check-rate';
import { dropPath } from './drop-path';
import { dropout } from './dropout';
import { FeedForward, type FeedForwardConfig } from './feed-forward';
import { LayerNorm } from './layer-norm';
import { MultiHeadAttention, type ProjectionBiases } from './multi-head-attention';

/** Config of {@link TransformerLayer}. */
export interface TransformerLayerConfig extends FeedForwardConfig {
  /** A divisor of hiddenSize. */
  readonly numAttentionHeads: number;
  /** What attention logits are multiplied by; 1 / √(hiddenSize / numAttentionHeads) by default. */
  readonly attentionScale?: number;
  /** Whether the projections of the attention have a bias (default), or each of them. */
  readonly projectionBias?: boolean | ProjectionBiases;
  /** Rate of dropout on the attention weights; 0 by default. */
  readonly attentionDropout?: number;
  /** Rate of stochastic depth; 0 by default. */
  readonly dropPath?: number;
  /** 1e-5 by default. */
  readonly layerNormEps?: number;
  /** Whether the norms stand at the beginning of the branches (default) or after the sums, as in BERT. */
  readonly normPosition?: 'pre' | 'post';
}

/**
 * A Transformer encoder layer, pre-norm (Xiong et al. 2020, eq. 3; HF `ViTLayer`) or post-norm (Vaswani et al. 2017,
 * section 3.1; HF `BertLayer`).
 *
 * ```ts
 * const layer = new TransformerLayer({ hiddenSize: 64, numAttentionHeads: 4, intermediateSize: 256 });
 * initialize(layer, RandomKey.from(0));
 * layer.forward(tf.ones([2, 10, 64]), tf.ones([2, 10]), inferenceContext()); // (2, 10, 64)
 * ```
 */
export class TransformerLayer extends Module {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;
  readonly hiddenDropout: number;
  readonly dropPath: number;
  readonly normPosition: 'pre' | 'post';

  constructor(config: TransformerLayerConfig) {
    super();
    const { hiddenSize, hiddenDropout = 0, dropPath = 0, layerNormEps = 1e-5, normPosition = 'pre' } = config;
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.attention = new MultiHeadAttention({
      hiddenSize,
      numAttentionHeads: config.numAttentionHeads,
      attentionDropout: config.attentionDropout,
      attentionScale: config.attentionScale,
      bias: config.projectionBias,
    });
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.feedForward = new FeedForward(config);
    this.hiddenDropout = checkRate('hiddenDropout', hiddenDropout);
    this.dropPath = checkRate('dropPath', dropPath);
    this.normPosition = checkNormPosition(normPosition);
  }

  /**
   * @param tokens (B, N, D)
   * @param mask   (B, N), 1 = takes part
   * @param attentionBias as in {@link MultiHeadAttention.forward}
   * @returns (B, N, D)
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context, attentionBias?: tf.Tensor): tf.Tensor3D {
    const run = (own: tf.Tensor3D, ownContext: Context) =>
      this.forwardWith(own, (x) => this.attention.forward(x, x, mask, ownContext, attentionBias), ownContext);
    return recomputed(tokens, context, run, [mask, attentionBias]);
  }

  /**
   * What {@link forward} gives of some of the tokens, which attend to all of them: all that is needed of a last layer behind which others are
   * not read.
   *
   * @param some   (B, Q, D), of the tokens
   * @param tokens (B, N, D)
   * @param mask   (B, N), 1 = takes part
   * @returns      (B, Q, D)
   */
  forwardOf(some: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const seen = this.normPosition === 'pre' ? this.norm1.forward(tokens) : tokens;
    return this.forwardWith(some, (x) => this.attention.forward(x, seen, mask, context), context);
  }

  /**
   * The layer around another way to attend, to a cache, say, or around more than its own feed-forward network.
   *
   * @param tokens (B, N, D)
   * @param attention (B, N, D) → (B, N, D)
   * @param feedForward (B, N, D) → (B, N, D); the layer's own by default
   * @returns (B, N, D)
   */
  forwardWith(
    tokens: tf.Tensor3D,
    attention: (x: tf.Tensor3D) => tf.Tensor3D,
    context: Context,
    feedForward = (x: tf.Tensor3D) => this.feedForward.forward(x, context),
  ): tf.Tensor3D {
    const attend = (x: tf.Tensor3D) =>
      dropPath(dropout(attention(x), this.hiddenDropout, context, this), this.dropPath, context, this);
    const feed = (x: tf.Tensor3D) => dropPath(feedForward(x), this.dropPath, context, this);

    if (this.normPosition === 'pre') {
      const attended = tf.add<tf.Tensor3D>(tokens, attend(this.norm1.forward(tokens)));
      return tf.add(attended, feed(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(tf.add<tf.Tensor3D>(tokens, attend(tokens)));
    return this.norm2.forward(tf.add<tf.Tensor3D>(attended, feed(attended)));
  }
}

function checkNormPosition(position: 'pre' | 'post'): 'pre' | 'post' {
  if (position === 'pre' || position === 'post') return position;
  throw new ConfigError({ where: 'normPosition', expected: "'pre' or 'post'", received: JSON.stringify(position) });
}
