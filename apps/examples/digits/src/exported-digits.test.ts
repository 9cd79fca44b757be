import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, createInferenceWorker, exportOnnx, registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fusions } from './digits-model';
import { exportedDigits } from './testing/exported-digits';

const folder = mkdtempSync(join(tmpdir(), 'digits-'));

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** 1e-5 is what other orders of summation leave. */
function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(1e-5);
}

describe.each(fusions)('the digits model with the fusion %s', (fusion) => {
  it('gives the same as an ONNX file in a worker thread, at batch sizes that were not traced', async () => {
    const { fn, example, options, others } = await exportedDigits(fusion);
    const path = join(folder, `${fusion}.onnx`);
    await exportOnnx(fn, example, { ...options, path });
    const worker = await createInferenceWorker(path);
    for (const inputs of others()) {
      const expected = tf.tidy(() => fn(inputs));
      const feeds = Object.entries(inputs).map(([name, tensor]) => {
        return [name, { data: tensor.dataSync(), shape: tensor.shape }] as const;
      });
      const actual = await worker.run(Object.fromEntries(feeds), { transfer: true });
      for (const [name, tensor] of Object.entries(expected)) {
        expect(actual[name].shape).toEqual(tensor.shape);
        expectSame(actual[name].data as Float32Array, tensor.dataSync());
      }
    }
    await worker.close();
  });

  it('gives the same compiled', async () => {
    const { fn, others } = await exportedDigits(fusion);
    const compiled = compile(fn);
    for (const inputs of others()) {
      const [actual, expected] = [compiled(inputs), fn(inputs)];
      for (const name in expected) expectSame(actual[name].dataSync(), expected[name].dataSync());
    }
    compiled.dispose();
  });
});
