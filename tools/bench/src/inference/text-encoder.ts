import { type Context, Module } from '@polymodal/core';
import { Embedding, LayerNorm, TransformerLayer } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from './configs';

/** Embedded tokens and positions through post-norm Transformer layers, as in BERT (Devlin et al. 2019; HF `BertModel`). */
export class TextEncoder extends Module {
  readonly words: Embedding;
  readonly positions: Embedding;
  readonly norm: LayerNorm;
  readonly layers: readonly TransformerLayer[];

  constructor(config: ModelConfig) {
    super();
    const { numHiddenLayers, hiddenSize, numAttentionHeads, vocabSize, maxPositionEmbeddings } = config;
    const layer = { hiddenSize, numAttentionHeads, intermediateSize: 4 * hiddenSize, normPosition: 'post' } as const;
    this.words = new Embedding(vocabSize, hiddenSize);
    this.positions = new Embedding(maxPositionEmbeddings, hiddenSize);
    this.norm = new LayerNorm(hiddenSize);
    this.layers = Array.from({ length: numHiddenLayers }, () => new TransformerLayer(layer));
  }

  /**
   * @param ids  (B, N), int32
   * @param mask (B, N), 1 = takes part
   * @returns    (B, N, D)
   */
  forward(ids: tf.Tensor2D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const length = ids.shape[1];
    const positions = tf.slice(this.positions.weight.value, [0, 0], [length, -1]); // (N, D)
    const embedded = this.norm.forward(tf.add<tf.Tensor3D>(this.words.forward(ids), positions));
    return this.layers.reduce((hidden, layer) => layer.forward(hidden, mask, context), embedded);
  }
}
