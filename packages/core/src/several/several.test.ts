import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { compiled } from '../backend/compiled';
import { useBackend } from '../backend/use-backend';
import { disposeBatch, uploadBatch } from '../batch';
import { composeModel } from '../compose-model';
import { inferenceContext } from '../context';
import { ConfigError, SampleError, ShapeError } from '../errors';
import { hostTensor } from '../features';
import { RandomKey } from '../random-key';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { numbersPlugin } from '../testing/test-parts';
import { packValues, unpackValues } from './packed-values';
import type { SeveralInput } from './several-options';

/** A token of a number is the number, twice; a value's vector is the sum of its tokens, an answer that over a row's vector. */
function compose(several: SeveralInput = true) {
  const model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers', several }, right: { use: 'numbers', scale: 10 } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' }, seen: { use: 'total', all: ['left'] } },
  });
  for (const [path, parameter] of model.parameters()) {
    if (path.endsWith('weight')) parameter.assignValues(Float32Array.of(1, 1));
  }
  return model;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
const mean = (values: readonly (readonly number[])[]) => sum(values.map(sum)) / values.length;
const seven = [[1], [2, 3], [4, 5, 6], [7], [8, 9], [1, 1, 1, 1], [0.5]];
const samples: Sample[] = [
  { right: [3] },
  { left: [[1, 2]] },
  { left: seven },
  { left: [[5], [6, 7]], right: [1] },
  { left: [], right: [4] },
];
const totals = [60, 6, 2 * mean(seven), 2 * mean([[5], [6, 7]]) + 20, 80];

describe('several values a sample', () => {
  it('lets 0, 1 and 7 of them share a batch, each sample as it is alone: the mean of its values', async () => {
    const model = compose();
    const prepared = await Promise.all(samples.map((sample) => model.prepare(sample)));
    const totalsOf = (rows: typeof prepared) =>
      tf.tidy(() => {
        const batch = uploadBatch(model.collate(rows));
        const { heads } = model.forward(batch, inferenceContext(), ['total']);
        disposeBatch(batch);
        return Array.from((heads.total.output as tf.Tensor1D).dataSync());
      });
    for (const [row, total] of totalsOf(prepared).entries()) {
      expect(total).toBeCloseTo(totals[row], 4);
      expect(totalsOf([prepared[row]])[0]).toBeCloseTo(total, 4);
    }
    const answers = await model.predict(samples);
    answers.forEach(({ total, seen }, row) => {
      expect(total).toBeCloseTo(totals[row], 4);
      expect(seen === undefined).toBe(!('left' in prepared[row].features));
    });
    model.dispose();
  });

  it('are given to the encoder as rows of their own, those of a sample one after the other', async () => {
    const model = compose();
    const prepared = await Promise.all(samples.slice(2, 4).map((sample) => model.prepare(sample)));
    const { left } = model.collate(prepared).modalities;
    expect([...left.rows]).toEqual([0, 1]);
    expect(left.features.values.shape).toEqual([2, 7, 4]);
    expect(Array.from(left.features.values.data.subarray(28, 36))).toEqual([5, 0, 0, 0, 6, 7, 0, 0]);
    expect(Array.from(left.features.valueMask.data)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    model.dispose();
  });

  it('tells their places apart once it has learned to, and never where they are a set', async () => {
    const values = [[1, 2, 3], [10]];
    const both = [{ left: values }, { left: [...values].reverse() }];
    const ordered = compose();
    const [first, second] = await ordered.predict(both);
    expect(first).toEqual(second); // at first it changes nothing
    const order = ordered.parameters().get('encoders.left.order');
    expect(order?.shape).toEqual([8, 1, 2]);
    order?.assignValues(Float32Array.from({ length: 16 }, (_, i) => Math.floor(i / 2))); // 0, 1, 2 … to each token at a place
    const answers = await ordered.predict(both);
    expect(answers.map(({ total }) => total)).toEqual([2 * ((6 + 11) / 2), 2 * ((10 + 9) / 2)]);
    const set = compose({ ordered: false });
    expect([...set.parameters().keys()]).not.toContain('encoders.left.order');
    const [one, other] = await set.predict(both);
    expect(one).toEqual(other);
    ordered.dispose();
    set.dispose();
  });

  it('augments each by itself', async () => {
    const model = compose();
    const { features } = await model.prepare({ left: [[1], [1]] }, { training: true, key: RandomKey.from(3) });
    const [a, b] = features.left.values.data;
    expect(a).not.toBe(b);
    model.dispose();
  });

  it('is a function of named tensors with their number left open', async () => {
    await useBackend('onnx');
    const model = compose();
    const signature = await model.signature({ left: [[1, 2]] });
    expect(signature.dynamicAxes).toEqual({
      'left/values': { 0: 'rows', 1: 'left/values', 2: 'left/length' },
      'left/mask': { 0: 'rows', 1: 'left/values', 2: 'left/length' },
      'left/valueMask': { 0: 'rows', 1: 'left/values' },
    });
    const program = compiled(signature.run, { dynamicAxes: signature.dynamicAxes });
    for (const lists of [[[[1, 2]]], [seven, [[1]]], [[[2], [3, 4, 5]], [[1, 1]], seven.slice(0, 3)]]) {
      const rows = await Promise.all(lists.map((left) => model.prepare({ left })));
      const inputs = signature.inputs(rows);
      const answers = (await signature.answers(program(inputs))) as { total: number }[];
      lists.forEach((list, row) => expect(answers[row].total).toBeCloseTo(2 * mean(list), 4));
      tf.dispose(inputs);
    }
    expect((program as unknown as { statistics(): { programs: number } }).statistics().programs).toBe(1);
    program.dispose();
    model.dispose();
  });
  afterAll(() => useBackend('cpu'));

  it.each([
    [
      Array.from({ length: 9 }, () => [1]),
      'sample, left: expected at most 8 values, received 9. Choose among them, or let the slot have more: `several: { most: 9 }`.',
    ],
    [
      Array.from({ length: 2000 }, () => [1]),
      'sample, left: expected at most 8 values, received 2000. Choose among them: no slot may have more than 1024.',
    ],
    [[[1], null], 'sample, left, value 1: expected a value, received null. Leave out of the list what is missing.'],
    [[[1], ['two']], 'sample, left, value 1: expected an array of numbers'],
    [Array.from({ length: 2 }), 'sample, left, value 0: expected a value'],
    [[], 'sample: expected at least one of left, right, received no modality'],
  ])('says of a list that cannot be read what is wrong: %#', async (left, message) => {
    const model = compose();
    await expect(model.prepare({ left })).rejects.toThrow(message);
    await expect(model.prepare({ left })).rejects.toThrow(SampleError);
    model.dispose();
  });

  it('are refused where a slot does not say that it takes them, which the error tells', async () => {
    const model = compose(false);
    await expect(model.prepare({ left: seven })).rejects.toThrow(
      'sample, left: expected an array of numbers, received an array of 7. Where samples may have several values, the config of the slot says `several: true`.',
    );
    model.dispose();
  });

  it('are never padded to more than a slot has places for', async () => {
    const model = compose({ most: 2 });
    const prepared = { ...(await model.prepare({ left: [[1], [2]] })), lengths: { left: { values: 3 } } };
    expect(() => model.collate([prepared])).toThrow(ShapeError);
    model.dispose();
  });

  it.each([
    [{ most: 0 }, 'encoders.left.several.most: expected a number above 0, received 0.'],
    [{ most: '3' }, 'encoders.left.several.most: expected a number, received "3".'],
    [{ most: 2.5 }, 'encoders.left.several.most: expected a whole number, received 2.5.'],
    [{ most: 2000 }, 'encoders.left.several.most: expected a number of at most 1024, received 2000.'],
    [{ mots: 2 }, 'encoders.left.several: expected only known options, received "mots". Did you mean "most"?'],
    ['yes', 'encoders.left.several: expected true or false or an object, received "yes".'],
  ])('refuses %j', (several, message) => {
    expect(() => compose(several as SeveralInput)).toThrow(ConfigError);
    expect(() => compose(several as SeveralInput)).toThrow(message);
  });
});

describe('packValues', () => {
  it('gives each value back as it was, whichever of its axes were padded', () => {
    const values = [
      { picture: hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2, 1]), size: hostTensor(Int32Array.of(7), []) },
      { picture: hostTensor(Float32Array.of(8, 9, 10, 11, 12, 13), [1, 3, 2]), size: hostTensor(Int32Array.of(9), []) },
    ];
    const packed = packValues(values);
    expect(packed.picture.shape).toEqual([2, 3, 3, 2]);
    expect(unpackValues(structuredClone(packed))).toEqual(values);
  });
});
