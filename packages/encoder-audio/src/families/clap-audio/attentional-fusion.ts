import { Module } from '@polymodal/core';
import { BatchNorm, Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Two maps become one, each pixel and feature in a proportion of its own, which follows from the maps there and on the whole
 * (Dai et al. 2021, eq. 1 and 4; HF `ClapAudioAFFBlock`).
 */
export class AttentionalFusion extends Module {
  readonly localAttention: PixelAttention;
  readonly globalAttention: PixelAttention;

  /** @param reduction how many times narrower attention is than the maps */
  constructor(channels: number, reduction: number) {
    super();
    const width = Math.floor(channels / reduction);
    this.localAttention = new PixelAttention(channels, width);
    this.globalAttention = new PixelAttention(channels, width);
  }

  /**
   * @param first  (P, H, W, D)
   * @param second (P, H, W, D)
   * @returns      (P, H, W, D)
   */
  forward(first: tf.Tensor4D, second: tf.Tensor4D): tf.Tensor4D {
    const sum = tf.add<tf.Tensor4D>(first, second);
    const mean = tf.mean<tf.Tensor4D>(sum, [1, 2], true); // (P, 1, 1, D)
    const share = tf.sigmoid(tf.add<tf.Tensor4D>(this.localAttention.forward(sum), this.globalAttention.forward(mean)));
    const [ofFirst, ofSecond] = [tf.mul(first, share), tf.mul(second, tf.sub(1, share))];
    return tf.mul(2, tf.add<tf.Tensor4D>(ofFirst, ofSecond));
  }
}

/** Each pixel narrower and wide again. */
class PixelAttention extends Module {
  readonly down: Linear;
  readonly downNorm: BatchNorm;
  readonly up: Linear;
  readonly upNorm: BatchNorm;

  constructor(channels: number, width: number) {
    super();
    this.down = new Linear(channels, width);
    this.downNorm = new BatchNorm(width);
    this.up = new Linear(width, channels);
    this.upNorm = new BatchNorm(channels);
  }

  /** @param pixels (P, H, W, D) */
  forward(pixels: tf.Tensor4D): tf.Tensor4D {
    const narrow = tf.relu(this.downNorm.forward(this.down.forward(pixels)));
    return this.upNorm.forward(this.up.forward(narrow));
  }
}
