import { type Context, Module } from '@polymodal/core';
import { FeedForward, LayerNorm } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { MlpConfig } from './mlp-options';

/** Residual feed-forward blocks with pre-norm, and a final norm: a Transformer without its attention. */
export class JointMlp extends Module {
  readonly norms: readonly LayerNorm[];
  readonly blocks: readonly FeedForward[];
  readonly norm: LayerNorm;

  constructor(config: MlpConfig) {
    super();
    const norm = () => new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.norms = Array.from({ length: config.numHiddenLayers }, norm);
    this.blocks = Array.from({ length: config.numHiddenLayers }, () => new FeedForward(config));
    this.norm = norm();
  }

  /** (B, D) → (B, D) */
  forward(joint: tf.Tensor2D, context: Context): tf.Tensor2D {
    let hidden = joint;
    this.blocks.forEach((block, index) => {
      hidden = tf.add(hidden, block.forward(this.norms[index].forward(hidden), context));
    });
    return this.norm.forward(hidden);
  }
}
