import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { registerOnnxBackend } from './register-onnx-backend';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** The values that a tensor holds. */
function viewOf(x: tf.Tensor): Float32Array | undefined {
  let values: Float32Array | undefined;
  const view = (held: Float32Array) => {
    values = held;
  };
  tf.engine().runKernel('ViewValues', { x }, { view } as unknown as tf.NamedAttrMap);
  return values;
}

it('takes an array over and shows it again, without a copy', () => {
  const values = Float32Array.of(1, 2, 3, 4);
  const attributes = { values, shape: [2, 2] } as unknown as tf.NamedAttrMap;
  const tensor = tf.engine().runKernel('HostTensor', {}, attributes) as tf.Tensor2D;
  expect(viewOf(tensor)).toBe(values);
  expect(viewOf(tf.variable(tensor))).toBe(values);
  expect([...tf.matMul(tensor, tensor).dataSync()]).toEqual([7, 10, 15, 22]);
});

it('shows values that are still to be computed', () => {
  expect(viewOf(tf.add(tf.tensor1d([1, 2]), 1))).toEqual(Float32Array.of(2, 3));
});
