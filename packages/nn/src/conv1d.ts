import { Module, Parameter } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { checkChannels } from './check-channels';
import { checkShape } from './check-shape';
import { convolve1d } from './convolve1d';
import { kaimingUniform, zeros } from './initializers';
import { convolvedLength, type KernelAxis, kernelAxis } from './kernel-axis';
import { type AdaptableMap, adapted } from './map-adapter';

/** Config of {@link Conv1d}. */
export interface Conv1dConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  /** 1 by default. */
  readonly stride?: number;
  /** Zeros added at both ends; none by default. */
  readonly padding?: number;
  /** How many groups of channels are convolved apart from each other; 1 by default. */
  readonly groups?: number;
  /** Distance between the taps of the kernel; 1 by default. */
  readonly dilation?: number;
  /** Whether a bias is added (default). */
  readonly bias?: boolean;
}

/**
 * Convolution along a sequence with channels last, with the weight as PyTorch's `nn.Conv1d` keeps it.
 *
 * ```ts
 * const stem = new Conv1d({ inChannels: 6, outChannels: 16, kernelSize: 3, stride: 2, padding: 1 });
 * initialize(stem, RandomKey.from(0));
 * stem.forward(tf.ones([2, 10, 6])); // (2, 5, 16)
 * ```
 */
export class Conv1d extends Module implements AdaptableMap {
  /** [outChannels, inChannels / groups, kernelSize] */
  readonly weight: Parameter<tf.Rank.R3>;
  /** [outChannels] */
  readonly bias: Parameter<tf.Rank.R1> | undefined;
  /** What adapts the convolution, where something does. */
  adapter: AdaptableMap['adapter'];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly #axis: KernelAxis;

  constructor(config: Conv1dConfig) {
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
    } = config;
    checkChannels(inChannels, outChannels, groups);
    this.#axis = kernelAxis({ kernelSize, stride, padding, dilation });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.groups = groups;
    this.weight = new Parameter([outChannels, inChannels / groups, kernelSize], kaimingUniform());
    this.bias = bias ? new Parameter([outChannels], zeros) : undefined;
  }

  /** L' of a sequence of length L. @throws ShapeError if the kernel does not fit once */
  outputLength(length: number): number {
    return convolvedLength(this.#axis, length);
  }

  /**
   * @param x (B, L, inChannels)
   * @returns (B, L', outChannels)
   * @throws ShapeError
   */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    checkShape('Conv1d input', x, ['B', 'L', this.inChannels], 'Channels come last.');
    const { groups, bias } = this;
    return adapted(this, x, (own) => convolve1d(own, this.weight.value, { ...this.#axis, groups, bias: bias?.value }));
  }

  mapBy(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    return convolve1d(x as tf.Tensor3D, weight as tf.Tensor3D, { ...this.#axis, groups: this.groups });
  }
}
