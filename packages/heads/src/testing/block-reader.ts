import { type EncodedTokens, Encoder, type ModalityBatch, type Tokens } from '@polymodal/core';
import { Linear, maskedMean, takeTokens, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** For tests: an encoder of signals (P, L, 3) in blocks of two steps, each of which becomes a token. */
export class BlockReader extends Encoder {
  readonly depth = 0;
  readonly linear: Linear;
  override readonly blocks;

  /** @param omits whether it makes tokens of visible blocks alone */
  constructor(
    readonly hiddenSize: number,
    omits: boolean,
  ) {
    super();
    this.linear = new Linear(6, hiddenSize);
    this.blocks = { feature: 'values', mask: 'mask', size: [2], values: 6, omits };
  }

  embed({ features, rows }: ModalityBatch): Tokens {
    const { values, mask, visibleBlocks } = features as Readonly<Record<string, tf.Tensor>>;
    const [size, length, width] = values.shape;
    const count = Math.floor(length / 2);
    const cut = tf.slice(zeroPadding(values as tf.Tensor3D, mask as tf.Tensor2D), [0, 0, 0], [size, 2 * count, width]);
    const isWhole = tf.reshape(tf.slice(mask, [0, 0], [size, 2 * count]), [size, count, 2]);
    const tokens = this.linear.forward(tf.reshape(cut, [size, count, 2 * width]) as tf.Tensor3D);
    const own = tf.max(isWhole, 2) as tf.Tensor2D;
    if (!visibleBlocks) return { tokens: zeroPadding(tokens, own), mask: own, rows };
    const places = visibleBlocks as tf.Tensor2D;
    const kept = takeTokens(tf.expandDims(own, 2) as tf.Tensor3D, places);
    const seen = tf.reshape(kept, places.shape) as tf.Tensor2D;
    return { tokens: zeroPadding(takeTokens(tokens, places), seen), mask: seen, rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: maskedMean(tokens.tokens, tokens.mask) };
  }
}
