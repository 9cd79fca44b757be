import type { Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from './expect-close';
import { seededTensor } from './seeded-tensor';

/** Distance between the two points of a central difference. */
const step = 2 ** -6;

/**
 * With sums of order 1 and a forward error of a few 2⁻²³, rounding makes up to 2⁻²³ · 8 / step = 6e-5, and truncation
 * step² / 24 = 1e-5 times the third derivative. A wrong gradient is off by far more than ten times their sum.
 */
const tolerance = 1e-3;

/**
 * Checks the gradient of every parameter and input of a layer against central differences, value by value. The parameters
 * get random values first; the result is weighted at random, so that no gradient is 0 by symmetry.
 */
export function expectFiniteDifferences<Inputs extends readonly tf.Tensor[]>(
  layer: Module,
  inputs: Inputs,
  forward: (...inputs: Inputs) => tf.Tensor,
): void {
  tf.tidy(() => {
    for (const parameter of layer.parameters().values()) {
      parameter.assign(tf.mul(seededTensor([...parameter.shape]), 0.5));
    }
    const copies = inputs.map((input) => tf.variable(input));
    const variables = [...[...layer.parameters().values()].map((parameter) => parameter.value), ...copies];
    const scalar = () => {
      const y = forward(...(copies as readonly tf.Tensor[] as Inputs));
      return tf.sum(tf.mul(y, seededTensor(y.shape, 1))) as tf.Scalar;
    };

    const { grads } = tf.variableGrads(scalar, variables);
    for (const variable of variables) {
      expectClose(grads[variable.name].dataSync(), centralDifferences(scalar, variable), tolerance);
    }
    for (const copy of copies) copy.dispose();
    layer.dispose();
  });
}

function centralDifferences(scalar: () => tf.Scalar, variable: tf.Variable): Float32Array {
  const values = Float32Array.from(variable.dataSync());
  const valueAt = (index: number, shift: number) =>
    tf.tidy(() => {
      const moved = values.slice();
      moved[index] += shift;
      variable.assign(tf.tensor(moved, variable.shape));
      return scalar().dataSync()[0];
    });
  const slopes = values.map((_, index) => (valueAt(index, step / 2) - valueAt(index, -step / 2)) / step);
  variable.assign(tf.tensor(values, variable.shape));
  return slopes;
}
