import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiled } from '../backend/compiled';
import { useBackend } from '../backend/use-backend';
import { composeModel } from '../compose-model';
import { ConfigError, NonFiniteError } from '../errors';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { numbersPlugin } from '../testing/test-parts';

beforeAll(() => useBackend('onnx'));
afterAll(() => useBackend('cpu'));

const model = composeModel(createRegistry([numbersPlugin]), {
  hiddenSize: 3,
  encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 2 } },
  fusion: { use: 'sum' },
  heads: { total: { use: 'total' }, twice: { use: 'total', input: 'total' }, seen: { use: 'total', all: ['left'] } },
});
const prepare = (samples: Sample[]) => Promise.all(samples.map((sample) => model.prepare(sample)));

it('is the model as a function of named tensors, for every combination of modalities', async () => {
  for (const sample of [{ left: [1, 2] }, { right: [3] }, { left: [1], right: [2, 3, 4] }] as Sample[]) {
    const signature = await model.signature(sample);
    const slots = Object.keys(sample);
    expect(signature.modalities).toEqual(slots);
    expect(signature.heads).toEqual('left' in sample ? ['total', 'twice', 'seen'] : ['total', 'twice']);
    expect(Object.keys(signature.dynamicAxes)).toEqual(slots.flatMap((slot) => [`${slot}/values`, `${slot}/mask`]));
    expect(signature.dynamicAxes[`${slots[0]}/values`]).toEqual({ 0: 'rows', 1: `${slots[0]}/length` });
    const others = [sample, Object.fromEntries(slots.map((slot) => [slot, [5, 6, 7, 8]]))];
    const inputs = signature.inputs(await prepare(others));
    const program = compiled(signature.run, { dynamicAxes: signature.dynamicAxes });
    expect(await signature.answers(program(inputs))).toEqual(await model.predict(others));
    expect(await signature.answers(signature.run(inputs))).toEqual(await model.predict(others));
    program.dispose();
    tf.dispose(inputs);
  }
});

it('leaves nothing behind but what it gives', async () => {
  const signature = await model.signature({ left: [1, 2] });
  const inputs = signature.inputs(await prepare([{ left: [1, 2] }]));
  const before = tf.memory().numTensors;
  tf.dispose(signature.run(inputs));
  expect(tf.memory().numTensors).toBe(before);
});

it('takes the heads that are asked for alone', async () => {
  const signature = await model.signature({ left: [1, 2] }, { heads: ['twice'] });
  const outputs = signature.run(signature.inputs(await prepare([{ left: [1, 2] }])));
  expect(Object.keys(outputs)).toEqual(['twice/totals']);
  expect(Object.keys((await signature.answers(outputs))[0] ?? {})).toEqual(['twice']);
});

it('refuses samples of another combination, options that are unknown and outputs that are not finite', async () => {
  const signature = await model.signature({ left: [1, 2] });
  const prepared = await prepare([{ left: [1] }, { left: [1], right: [2] }]);
  expect(() => signature.inputs(prepared)).toThrow(
    'signature, sample 1: expected a sample with left, received one with left, right.',
  );
  await expect(model.signature({ left: [1] }, { head: ['total'] } as object)).rejects.toThrow(ConfigError);
  const outputs = {
    'total/totals': tf.tensor1d([Number.NaN]),
    'twice/totals': tf.tensor1d([1]),
    'seen/totals': tf.tensor1d([1]),
  };
  await expect(signature.answers(outputs)).rejects.toThrow(NonFiniteError);
});
