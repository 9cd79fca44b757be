import { Module } from '@polymodal/core';
import { Conv1d, LayerNorm, Linear, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { frameMask } from './frame-mask';

/** Config of {@link ConvolutionalAdapter}: the names of HF `Wav2Vec2Config`. */
export interface ConvolutionalAdapterConfig {
  readonly hiddenSize: number;
  readonly outputHiddenSize: number;
  readonly numAdapterLayers: number;
  readonly adapterKernelSize: number;
  readonly adapterStride: number;
}

/**
 * Convolutions with gates that leave fewer tokens, for a decoder of text (HF `Wav2Vec2Adapter`). Each sees zeros at padded
 * frames, just as beyond the end of a recording, so that a padded row gives what it gives alone. All its layers take part in
 * training: those that layerdrop may leave out are the Transformer's.
 */
export class ConvolutionalAdapter extends Module {
  readonly projection: Linear | undefined;
  readonly norm: LayerNorm | undefined;
  readonly layers: readonly Conv1d[];
  readonly #stride: number;

  constructor(config: ConvolutionalAdapterConfig) {
    super();
    const { hiddenSize, outputHiddenSize, adapterStride } = config;
    const projects = outputHiddenSize !== hiddenSize;
    this.#stride = adapterStride;
    this.projection = projects ? new Linear(hiddenSize, outputHiddenSize) : undefined;
    this.norm = projects ? new LayerNorm(outputHiddenSize) : undefined;
    this.layers = Array.from(
      { length: config.numAdapterLayers },
      () =>
        new Conv1d({
          inChannels: outputHiddenSize,
          outChannels: 2 * outputHiddenSize,
          kernelSize: config.adapterKernelSize,
          stride: adapterStride,
          padding: 1,
        }),
    );
  }

  /** N', of N tokens. */
  tokenCount(tokens: number): number {
    return this.layers.reduce((length) => Math.floor((length - 1) / this.#stride) + 1, tokens);
  }

  /**
   * @param tokens (B, N, D)
   * @param mask   (B, N), 1 = takes part
   * @returns tokens (B, N', D') and their mask (B, N')
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D): { tokens: tf.Tensor3D; mask: tf.Tensor2D } {
    const projected = this.projection ? this.norm!.forward(this.projection.forward(tokens)) : tokens;
    return this.layers.reduce(
      ({ tokens, mask }, layer) => {
        const [values, gates] = tf.split<tf.Tensor3D>(layer.forward(zeroPadding(tokens, mask)), 2, 2);
        const strided = frameMask(mask, [{ kernelSize: 1, stride: this.#stride }], values.shape[1]);
        return { tokens: tf.mul<tf.Tensor3D>(values, tf.sigmoid(gates)), mask: strided };
      },
      { tokens: projected, mask },
    );
  }
}
