import { type Initializer, Module, Parameter } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { checkShape } from './check-shape';
import { checkSize } from './check-size';
import { linear } from './functional/linear';
import { xavierUniform, zeros } from './initializers';
import { type AdaptableMap, adapted } from './map-adapter';

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether a bias is added (default). */
  readonly bias?: boolean;
  /** Initial values of the weight; Xavier uniform by default. The bias starts at zero. */
  readonly initializer?: Initializer;
}

/**
 * y = x Wᵀ + b over the last axis, with the weight as PyTorch's `nn.Linear` keeps it.
 *
 * ```ts
 * const linear = new Linear(16, 4);
 * initialize(linear, RandomKey.from(0));
 * linear.forward(tf.ones([2, 16])); // (2, 4)
 * ```
 */
export class Linear extends Module implements AdaptableMap {
  /** [outputSize, inputSize] */
  readonly weight: Parameter<tf.Rank.R2>;
  /** [outputSize] */
  readonly bias: Parameter<tf.Rank.R1> | undefined;
  /** What adapts the map, where something does. */
  adapter: AdaptableMap['adapter'];

  constructor(
    readonly inputSize: number,
    readonly outputSize: number,
    { bias = true, initializer = xavierUniform() }: LinearOptions = {},
  ) {
    super();
    checkSize('Linear inputSize', inputSize);
    checkSize('Linear outputSize', outputSize);
    this.weight = new Parameter([outputSize, inputSize], initializer);
    this.bias = bias ? new Parameter([outputSize], zeros) : undefined;
  }

  /**
   * @param x (…, inputSize)
   * @returns (…, outputSize)
   * @throws ShapeError if the last axis is not inputSize
   */
  forward<T extends tf.Tensor>(x: T): T {
    checkShape('Linear input', x, ['…', this.inputSize]);
    return adapted(this, x, (own) => linear(own, this.weight.value, this.bias?.value));
  }

  mapBy(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    return linear(x, weight as tf.Tensor2D);
  }
}
