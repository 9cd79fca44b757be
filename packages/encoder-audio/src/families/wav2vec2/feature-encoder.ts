import { ConfigError, Module, ShapeError } from '@polymodal/core';
import { type Activation, type ActivationName, activation, Conv1d, LayerNorm } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { frameMask, type Stride } from './frame-mask';
import { NormalisedConvolution } from './normalised-convolution';

/** Config of {@link FeatureEncoder}: the names of HF `Wav2Vec2Config`. */
export interface FeatureEncoderConfig {
  /** Channels of each convolution; likewise strides and kernels. */
  readonly convDim: readonly number[];
  readonly convStride: readonly number[];
  readonly convKernel: readonly number[];
  readonly convBias: boolean;
  /** `group`: the first convolution is normalised over time; `layer`: every one, over its channels. */
  readonly featExtractNorm: 'group' | 'layer';
  readonly featExtractActivation: ActivationName;
}

/** A convolution and perhaps a layer norm (HF `Wav2Vec2LayerNormConvLayer`, `Wav2Vec2NoLayerNormConvLayer`). */
class FeatureConvolution extends Module {
  readonly convolution: Conv1d;
  readonly norm: LayerNorm | undefined;

  constructor(inChannels: number, outChannels: number, stride: Stride, bias: boolean, normed: boolean) {
    super();
    this.convolution = new Conv1d({ inChannels, outChannels, ...stride, bias });
    this.norm = normed ? new LayerNorm(outChannels) : undefined;
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    const y = this.convolution.forward(x);
    return this.norm ? this.norm.forward(y) : y;
  }
}

/** Sound to frames, by convolutions (Baevski et al. 2020, section 2; HF `Wav2Vec2FeatureEncoder`). */
export class FeatureEncoder extends Module {
  readonly layers: readonly (NormalisedConvolution | FeatureConvolution)[];
  readonly #strides: readonly Stride[];
  readonly #activation: Activation;

  constructor(config: FeatureEncoderConfig) {
    super();
    const { convDim, convBias, featExtractNorm } = config;
    this.#strides = stridesOf(config);
    this.#activation = activation(config.featExtractActivation);
    this.layers = this.#strides.map((stride, index) =>
      index === 0 && featExtractNorm === 'group'
        ? new NormalisedConvolution(convDim[0], stride, convBias)
        : new FeatureConvolution(
            convDim[index - 1] ?? 1,
            convDim[index],
            stride,
            convBias,
            featExtractNorm === 'layer',
          ),
    );
  }

  /** N, of so many samples. */
  frameCount(samples: number): number {
    return framesOf(this.#strides, samples);
  }

  /**
   * @param samples (B, T), 0 in padding
   * @param mask    (B, T), 1 = takes part
   * @returns frames (B, N, C) and their mask (B, N); of frames that do not take part the values are finite, no more
   * @throws ShapeError for less than a frame
   */
  forward(samples: tf.Tensor2D, mask: tf.Tensor2D): { frames: tf.Tensor3D; mask: tf.Tensor2D } {
    this.#checkLength(samples.shape[1]);
    let frames = tf.expandDims<tf.Tensor3D>(samples, 2);
    for (const layer of this.layers) {
      const convolved =
        layer instanceof NormalisedConvolution
          ? layer.forward(frames, this.#maskAfter(1, mask))
          : layer.forward(frames);
      frames = this.#activation(convolved);
    }
    return { frames, mask: this.#maskAfter(this.layers.length, mask) };
  }

  #maskAfter(count: number, mask: tf.Tensor2D): tf.Tensor2D {
    const strides = this.#strides.slice(0, count);
    return frameMask(mask, strides, framesOf(strides, mask.shape[1]));
  }

  #checkLength(samples: number): void {
    const needed = samplesOfAFrame(this.#strides);
    if (samples >= needed) return;
    throw new ShapeError({
      where: 'inputValues',
      expected: `at least ${needed} samples, which are one frame`,
      received: String(samples),
      hint: 'Fill shorter recordings up with silence.',
    });
  }
}

/** @throws ConfigError unless there is one of each for each */
export function stridesOf({
  convDim,
  convStride,
  convKernel,
}: Pick<FeatureEncoderConfig, 'convDim' | 'convStride' | 'convKernel'>): Stride[] {
  if (convStride.length === convDim.length && convKernel.length === convDim.length) {
    return convDim.map((_, index) => ({ kernelSize: convKernel[index], stride: convStride[index] }));
  }
  throw new ConfigError({
    where: convStride.length === convDim.length ? 'conv_kernel' : 'conv_stride',
    expected: `one for each of the ${convDim.length} convolutions of conv_dim`,
    received: `${convStride.length === convDim.length ? convKernel.length : convStride.length}`,
  });
}

function framesOf(strides: readonly Stride[], samples: number): number {
  return strides.reduce((length, { kernelSize, stride }) => Math.floor((length - kernelSize) / stride) + 1, samples);
}

/** How many samples the first frame is made from. */
export function samplesOfAFrame(strides: readonly Stride[]): number {
  return strides.reduceRight((length, { kernelSize, stride }) => (length - 1) * stride + kernelSize, 1);
}
