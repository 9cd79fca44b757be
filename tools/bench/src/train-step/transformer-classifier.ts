import { type Context, Module } from '@polymodal/core';
import { Linear, maskedMean, TransformerLayer } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainStepConfig } from './configs';

/** Pre-norm Transformer layers, the mean over the tokens and a linear head. */
export class TransformerClassifier extends Module {
  readonly layers: readonly TransformerLayer[];
  readonly head: Linear;

  constructor({ numHiddenLayers, hiddenSize, numAttentionHeads, numLabels }: TrainStepConfig) {
    super();
    this.layers = Array.from(
      { length: numHiddenLayers },
      () => new TransformerLayer({ hiddenSize, numAttentionHeads, intermediateSize: 4 * hiddenSize }),
    );
    this.head = new Linear(hiddenSize, numLabels);
  }

  /**
   * @param tokens (B, N, D)
   * @returns      (B, K), logits
   */
  forward(tokens: tf.Tensor3D, context: Context): tf.Tensor2D {
    const [batch, length] = tokens.shape;
    const mask = tf.ones<tf.Rank.R2>([batch, length]);
    const encoded = this.layers.reduce((hidden, layer) => layer.forward(hidden, mask, context), tokens);
    return this.head.forward(maskedMean(encoded, mask));
  }
}
