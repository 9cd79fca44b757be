import { type Initializer, Module, Parameter } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { checkChannels } from './check-channels';
import { checkShape } from './check-shape';
import { convolve } from './convolve';
import { kaimingUniform, zeros } from './initializers';
import { convolvedLength, type KernelAxes, kernelAxis } from './kernel-axis';
import { type AdaptableMap, adapted } from './map-adapter';
import { type PerAxis, perAxis } from './per-axis';

/** Config of {@link Conv2d}. */
export interface Conv2dConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
  /** 1 by default. */
  readonly stride?: PerAxis;
  /** Zeros added at both ends of an axis; none by default. */
  readonly padding?: PerAxis;
  /** How many groups of channels are convolved apart from each other; 1 by default. */
  readonly groups?: number;
  /** Distance between the taps of the kernel; 1 by default. */
  readonly dilation?: PerAxis;
  /** Whether a bias is added (default). */
  readonly bias?: boolean;
  /** Initial values of the weight; Kaiming uniform by default. The bias starts at zero. */
  readonly initializer?: Initializer;
}

/**
 * Convolution over a picture with channels last, with the weight as PyTorch's `nn.Conv2d` keeps it.
 *
 * ```ts
 * const patches = new Conv2d({ inChannels: 3, outChannels: 16, kernelSize: 8, stride: 8 });
 * initialize(patches, RandomKey.from(0));
 * patches.forward(tf.ones([2, 32, 32, 3])); // (2, 4, 4, 16)
 * ```
 */
export class Conv2d extends Module implements AdaptableMap {
  /** [outChannels, inChannels / groups, height of the kernel, width of the kernel] */
  readonly weight: Parameter<tf.Rank.R4>;
  /** [outChannels] */
  readonly bias: Parameter<tf.Rank.R1> | undefined;
  /** What adapts the convolution, where something does. */
  adapter: AdaptableMap['adapter'];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly #axes: KernelAxes;

  constructor(config: Conv2dConfig) {
    super();
    const {
      inChannels,
      outChannels,
      kernelSize,
      stride = 1,
      padding = 0,
      dilation = 1,
      groups = 1,
      bias = true,
      initializer = kaimingUniform(),
    } = config;
    checkChannels(inChannels, outChannels, groups);
    const axis = (index: 0 | 1) =>
      kernelAxis({
        kernelSize: perAxis(kernelSize)[index],
        stride: perAxis(stride)[index],
        padding: perAxis(padding)[index],
        dilation: perAxis(dilation)[index],
      });
    this.#axes = [axis(0), axis(1)];
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.groups = groups;
    const kernel = this.#axes.map((axis) => axis.kernelSize);
    this.weight = new Parameter([outChannels, inChannels / groups, ...kernel], initializer);
    this.bias = bias ? new Parameter([outChannels], zeros) : undefined;
  }

  /** [H', W'] of a picture of H × W. @throws ShapeError if the kernel does not fit once */
  outputSize(height: number, width: number): [height: number, width: number] {
    return [convolvedLength(this.#axes[0], height), convolvedLength(this.#axes[1], width)];
  }

  /**
   * @param x (B, H, W, inChannels)
   * @returns (B, H', W', outChannels)
   * @throws ShapeError
   */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    checkShape('Conv2d input', x, ['B', 'H', 'W', this.inChannels], 'Channels come last.');
    return adapted(this, x, (own) => convolve(own, this.weight.value, this.#axes, this.groups, this.bias?.value));
  }

  mapBy(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    return convolve(x as tf.Tensor4D, weight as tf.Tensor4D, this.#axes, this.groups);
  }
}
