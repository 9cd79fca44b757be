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

it('says which inputs it takes, where others come', async () => {
  const { run, inputs } = await model.signature({ left: [1, 2] });
  const given = inputs(await prepare([{ left: [1, 2] }, { left: [3] }]));
  const { 'left/values': values, 'left/mask': mask } = given;
  const refused = (wrong: unknown, said: string) => expect(() => run(wrong as tf.NamedTensorMap)).toThrow(said);
  for (const wrong of [undefined, null, [], 3, Promise.resolve(given)]) {
    refused(wrong, 'signature.run: expected tensors by name: left/values, left/mask, received ');
  }
  refused(
    {},
    'signature.run, input "left/values": expected a tensor, received nothing. All of them: left/values, left/mask.',
  );
  refused({ 'left/values': values }, 'signature.run, input "left/mask": expected a tensor, received nothing.');
  refused(
    { ...given, 'left/vales': mask },
    'expected only inputs of the signature, received "left/vales". Did you mean "left/values"',
  );
  refused(
    { ...given, 'left/mask': [[1, 1]] },
    'signature.run, input "left/mask": expected a tensor, received an array of 1.',
  );
  refused({ ...given, 'left/mask': tf.ones([2]) }, 'expected shape [rows, left/length], received [2].');
  refused(
    { ...given, 'left/mask': tf.ones([2, 3]) },
    'input "left/mask": expected 2 left/length, as in "left/values", received 3.',
  );
  refused(
    { ...given, 'left/mask': tf.ones([1, 2]) },
    'input "left/mask": expected 2 rows, as in "left/values", received 1.',
  );
  refused(
    { ...given, 'left/mask': tf.ones([2, 2], 'int32') },
    'input "left/mask": expected a tensor of float32, received int32.',
  );
  const gone = tf.ones([2, 2]);
  gone.dispose();
  refused({ ...given, 'left/mask': gone }, 'input "left/mask": expected a tensor, received one that was disposed.');
  expect(run({ ...given, 'left/mask': tf.ones([2, 2]) })['total/totals'].shape).toEqual([2]);
});

it('says that samples are to be prepared for it', async () => {
  const { inputs } = await model.signature({ left: [1, 2] });
  const refused = (wrong: unknown, said: string) => expect(() => inputs(wrong as never)).toThrow(said);
  for (const wrong of [undefined, null, [], {}, prepare([{ left: [1] }])]) {
    refused(wrong, 'signature.inputs: expected a list of prepared samples, at least one, received ');
  }
  refused(
    [{ left: [1] }],
    'signature.inputs, sample 0: expected a prepared sample, with features and targets, and lengths by modality if any, received an object with left. Prepare',
  );
  refused(
    [model.prepare({ left: [1] })],
    'sample 0: expected a prepared sample, with features and targets, and lengths by modality if any, received a promise that was not awaited.',
  );
});

it('says which outputs it answers from, where others come, also in a process that computed none', async () => {
  const computed = await model.signature({ left: [1, 2] }, { heads: ['total', 'seen'] });
  const outputs = computed.run(computed.inputs(await prepare([{ left: [1, 2] }, { left: [3, 4] }])));
  const { answers } = await model.signature({ left: [1, 2] }, { heads: ['total', 'seen'] });
  const before = tf.memory().numTensors;
  const refused = (wrong: unknown, said: string) => expect(answers(wrong as tf.NamedTensorMap)).rejects.toThrow(said);
  await refused(undefined, 'signature.answers: expected tensors by name: total/totals, seen/totals, received nothing.');
  await refused({}, 'signature.answers, output "total/totals": expected a tensor, received nothing.');
  await refused(
    { ...outputs, total: outputs['total/totals'] },
    'expected only outputs of the signature, received "total".',
  );
  const odd = [tf.ones([3]), tf.ones([2, 1])];
  await refused(
    { ...outputs, 'seen/totals': odd[0] },
    'output "seen/totals": expected 2 rows, as in "total/totals", received 3.',
  );
  await refused({ ...outputs, 'seen/totals': odd[1] }, 'output "seen/totals": expected shape [rows], received [2, 1].');
  expect(await answers(outputs)).toHaveLength(2);
  tf.dispose(odd);
  expect(tf.memory().numTensors).toBe(before);
});
