import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { capabilitiesOf, type OnnxCapabilities } from './capabilities';
import { registerOnnxBackend } from './register-onnx-backend';

let capabilities: OnnxCapabilities;
beforeAll(async () => {
  capabilities = capabilitiesOf(registerOnnxBackend());
  await tf.setBackend('onnx');
});

it('takes an array over and shows it again, without a copy', () => {
  const values = Float32Array.of(1, 2, 3, 4);
  const tensor = capabilities.hostTensor(values, [2, 2]) as tf.Tensor2D;
  expect(capabilities.viewValues(tensor)).toBe(values);
  expect(capabilities.viewValues(tf.variable(tensor))).toBe(values);
  expect([...tf.matMul(tensor, tensor).dataSync()]).toEqual([7, 10, 15, 22]);
});

it('shows values that are still to be computed', () => {
  expect(capabilities.viewValues(tf.add(tf.tensor1d([1, 2]), 1))).toEqual(Float32Array.of(2, 3));
});
