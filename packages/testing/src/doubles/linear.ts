import { type Initializer, Module, Parameter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

const initial: Initializer = (shape, key) => {
  const scale = 1 / Math.sqrt(shape[shape.length - 1]);
  return key.normal(shape.reduce((product, length) => product * length, 1)).map((value) => value * scale);
};

/** An affine map, all that the test doubles need of a layer library. */
export class Linear extends Module {
  readonly weight: Parameter<tf.Rank.R2>;
  readonly bias: Parameter<tf.Rank.R1>;

  constructor(
    readonly inputSize: number,
    readonly outputSize: number,
  ) {
    super();
    this.weight = new Parameter([outputSize, inputSize], initial);
    this.bias = new Parameter([outputSize], (_, key) => key.normal(outputSize).map((value) => value / 10));
  }

  /** (…, inputSize) → (…, outputSize) */
  forward<T extends tf.Tensor>(input: T): T {
    const rows = tf.reshape(input, [-1, this.inputSize]) as tf.Tensor2D;
    const output = tf.add(tf.matMul(rows, this.weight.value as tf.Tensor2D, false, true), this.bias.value);
    return tf.reshape(output, [...input.shape.slice(0, -1), this.outputSize]) as tf.Tensor as T;
  }
}
