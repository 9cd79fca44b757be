import type { Context } from '@polymodal/core';
import { T5Layer, type T5LayerConfig, t5Attention } from '@polymodal/encoder-text/pretrained';
import { type MultiHeadAttention, RmsNorm } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** (B, N, D) → (B, N, D) */
type Branch = (x: tf.Tensor3D) => tf.Tensor3D;

/** A layer of T5's decoder: that of the encoder, which looks at the text that was read between its halves. */
export class T5DecoderLayer extends T5Layer {
  readonly crossNorm: RmsNorm;
  readonly crossAttention: MultiHeadAttention;

  constructor(config: T5LayerConfig) {
    super(config);
    this.crossNorm = new RmsNorm(config.hiddenSize, config.layerNormEps);
    this.crossAttention = t5Attention(config);
  }

  /**
   * @param tokens (B, N, D)
   * @param attend to one another, or to a cache
   * @param look   at what was read
   * @returns      (B, N, D)
   */
  forwardLooking(tokens: tf.Tensor3D, attend: Branch, look: Branch, context: Context): tf.Tensor3D {
    const attended = this.added(tokens, this.norm1, attend, context);
    return this.fed(this.added(attended, this.crossNorm, look, context), context);
  }
}
