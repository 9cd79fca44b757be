import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';

registerOnnxBackend();

/** Describes tests that run on each backend: the plain one of TensorFlow.js, and the lazy one on ONNX Runtime. */
export function describeOnEveryBackend(name: string, body: () => void): void {
  describe.each(['cpu', 'onnx'])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      expect(await tf.setBackend(backend)).toBe(true);
    });
    body();
  });
}
