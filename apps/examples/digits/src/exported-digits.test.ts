import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, createInferenceWorker, exportOnnx, registerOnnxBackend } from '@polymodal/backend-onnx';
import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digitsModel, type FusionName, fusions } from './digits-model';

const folder = mkdtempSync(join(tmpdir(), 'digits-'));

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Pictures and texts of these lengths, in characters. */
function samples(lengths: readonly number[]) {
  return lengths.map((length, row) => ({
    image: { data: RandomKey.from(row).uniform(28 * 28), width: 28, height: 28, channels: 1 },
    text: 'zero one two three four five'.slice(0, length),
  }));
}

/** The model over pictures and text as a function of tensors, and inputs of sizes that it is not traced at. */
async function exportedDigits(fusion: FusionName) {
  const model = digitsModel(fusion, 0);
  const prepare = (lengths: readonly number[]) => Promise.all(samples(lengths).map((sample) => model.prepare(sample)));
  const signature = await model.signature(samples([5])[0], { heads: ['digit'] });
  const others = await Promise.all([[1], [3, 20, 7], Array.from({ length: 17 }, (_, row) => row + 1)].map(prepare));
  return {
    fn: signature.run,
    dynamicAxes: Object.fromEntries(Object.keys(signature.dynamicAxes).map((input) => [input, { 0: 'rows' }])), // all texts are padded to one length
    example: signature.inputs(await prepare([5, 9, 4, 2, 1, 8])),
    others: () => others.map((prepared) => signature.inputs(prepared)),
  };
}

/** 1e-5 is what other orders of summation leave. */
function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(1e-5);
}

describe.each(fusions)('the digits model with the fusion %s', (fusion) => {
  it('gives the same as an ONNX file in a worker thread, at batch sizes that were not traced', async () => {
    const { fn, example, dynamicAxes, others } = await exportedDigits(fusion);
    const path = join(folder, `${fusion}.onnx`);
    await exportOnnx(fn, example, { dynamicAxes, path });
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
