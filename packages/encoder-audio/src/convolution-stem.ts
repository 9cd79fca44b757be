import { Module } from '@polymodal/core';
import { activation, Conv1d, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Config of {@link ConvolutionStem}. */
export interface ConvolutionStemConfig {
  readonly inChannels: number;
  readonly hiddenSize: number;
  /** Stride of each convolution; their product is how many frames become one token. */
  readonly strides: readonly number[];
  /** Odd, so that an output is centred on an input. */
  readonly kernelSize: number;
}

/**
 * Convolutions along time with GELU in between and after, as at the entrance of Whisper (Radford et al. 2023, section 2.2;
 * HF `WhisperEncoder`). Each convolution sees zeros at the padded frames, just as beyond the end of a sequence, so that
 * a padded row gives what it gives alone.
 */
export class ConvolutionStem extends Module {
  readonly convolutions: readonly Conv1d[];
  readonly #strides: readonly number[];

  constructor({ inChannels, hiddenSize, strides, kernelSize }: ConvolutionStemConfig) {
    super();
    this.#strides = strides;
    this.convolutions = strides.map(
      (stride, index) =>
        new Conv1d({
          inChannels: index === 0 ? inChannels : hiddenSize,
          outChannels: hiddenSize,
          kernelSize,
          stride,
          padding: (kernelSize - 1) / 2,
        }),
    );
  }

  /** N, of so many frames. */
  tokenCount(frames: number): number {
    return this.#strides.reduce((length, stride) => Math.ceil(length / stride), frames);
  }

  /**
   * @param frames (P, F, M)
   * @param mask   (P, F), 1 = takes part
   * @returns tokens (P, N, D) and their mask (P, N), with N = ceil(F / s) for each stride s in turn
   */
  forward(frames: tf.Tensor3D, mask: tf.Tensor2D): { tokens: tf.Tensor3D; mask: tf.Tensor2D } {
    const gelu = activation('gelu');
    let tokens = frames;
    let tokenMask = mask;
    this.convolutions.forEach((layer, index) => {
      tokens = gelu(layer.forward(zeroPadding(tokens, tokenMask)));
      tokenMask = everyNth(tokenMask, this.#strides[index]);
    });
    return { tokens, mask: tokenMask };
  }
}

/** Output j of a convolution is centred on input j · stride, and takes part if that does. */
function everyNth(mask: tf.Tensor2D, stride: number): tf.Tensor2D {
  if (stride === 1) return mask;
  const kept = Array.from({ length: Math.ceil(mask.shape[1] / stride) }, (_, index) => index * stride);
  return tf.gather(mask, tf.tensor1d(kept, 'int32'), 1);
}
