import type { OnnxCapabilities } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, expectTypeOf, it } from 'vitest';
import { type BackendCapabilities, backendCapabilities } from './capabilities';
import { compiled } from './compiled';
import { useBackend } from './use-backend';

afterAll(() => useBackend('cpu'));

it('knows what the backend onnx can do, in the types of both', async () => {
  expectTypeOf<OnnxCapabilities>().toExtend<BackendCapabilities>();
  await useBackend('onnx');
  expect(Object.keys(backendCapabilities()).sort()).toEqual(
    [
      'changingTensor',
      'compile',
      'hostScalars',
      'hostTensor',
      'replay',
      'roundedTensor',
      'separate',
      'storedTensor',
      'viewValues',
    ].sort(),
  );
});

it('does without where a backend has none', async () => {
  await useBackend('cpu');
  expect(backendCapabilities()).toEqual({});
  const twice = compiled(({ x }: { x: tf.Tensor }) => ({ y: tf.mul(x, 2) }));
  expect([...twice({ x: tf.tensor1d([1, 2]) }).y.dataSync()]).toEqual([2, 4]);
});
