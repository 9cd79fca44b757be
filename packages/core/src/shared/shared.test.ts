import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { compiled } from '../backend/compiled';
import { useBackend } from '../backend/use-backend';
import { uploadBatch } from '../batch';
import { composeModel } from '../compose-model';
import { inferenceContext } from '../context';
import { ConfigError, PartError } from '../errors';
import { type Features, hostTensor } from '../features';
import { createRegistry } from '../registry';
import { tokenCounts } from '../several/token-counts';
import { NumbersEncoder, numbersPlugin } from '../testing/test-parts';
import { distinctRows } from './distinct-rows';
import type { SharedEncoder } from './shared-encoder';
import { spreadState } from './spread-state';

/** A token of a number is the number, twice; an answer is the sum over a row's tokens. */
function compose(shared: boolean) {
  const model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers', shared }, right: { use: 'numbers', scale: 10 } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });
  for (const [path, parameter] of model.parameters()) {
    if (path.endsWith('weight')) parameter.assignValues(Float32Array.of(1, 1));
  }
  return model;
}

const samples = [{ left: [1, 2] }, { right: [3] }, { left: [5], right: [1] }, { left: [1, 2], right: [4] }];
const totals = [6, 60, 30, 86];

afterAll(() => useBackend('cpu'));
afterEach(() => vi.restoreAllMocks());

describe('a slot whose values are shared', () => {
  it('encodes each value of a batch once, and answers as without', async () => {
    const model = compose(true);
    const embed = vi.spyOn(NumbersEncoder.prototype, 'embed');
    const batch = model.collate(await Promise.all(samples.map((sample) => model.prepare(sample))));
    tf.tidy(() => {
      const { heads } = model.forward(uploadBatch(batch), inferenceContext(), ['total']);
      expect(Array.from((heads.total.output as tf.Tensor1D).dataSync())).toEqual(totals);
    });
    const [left] = embed.mock.calls.map(([{ features }]) => features.values.shape);
    expect(left).toEqual([2, 2]); // three rows, of two values
    expect((await model.predict(samples)).map(({ total }) => total)).toEqual(totals);
    model.dispose();
  });

  it('says which value each row has, in a number of sizes that a batch of one size bounds', async () => {
    const model = compose(true);
    const of = async (rows: number, distinct: number) => {
      const prepared = Array.from({ length: rows }, (_, row) => model.prepare({ left: [row % distinct] }));
      return model.collate(await Promise.all(prepared)).modalities.left.features.distinctValues;
    };
    expect(Array.from((await of(4, 2)).data)).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
    const widths = await Promise.all([...Array(80).keys()].map(async (n) => (await of(80, n + 1)).shape[1]));
    expect([...new Set(widths)]).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
    widths.forEach((width, n) => expect(width).toBeGreaterThanOrEqual(n + 1));
    model.dispose();
  });

  it('is a function of named tensors, one program of which serves any number of values', async () => {
    await useBackend('onnx');
    const model = compose(true);
    const signature = await model.signature({ left: [1, 2] });
    expect(signature.dynamicAxes['left/distinctValues']).toEqual({ 0: 'rows', 1: 'left/distinct' });
    const program = compiled(signature.run, { dynamicAxes: signature.dynamicAxes });
    for (const lists of [[[1, 2]], [[1], [1], [1]], [[2, 3, 4], [1], [2, 3, 4], [7]]]) {
      const inputs = signature.inputs(await Promise.all(lists.map((left) => model.prepare({ left }))));
      const answers = (await signature.answers(program(inputs))) as { total: number }[];
      const expected = lists.map((list) => 2 * list.reduce((sum, value) => sum + value, 0));
      expect(answers.map(({ total }) => total)).toEqual(expected);
      tf.dispose(inputs);
    }
    expect((program as unknown as { statistics(): { programs: number } }).statistics().programs).toBe(1);
    program.dispose();
    model.dispose();
  });

  it('counts the tokens of a value as its encoder does', async () => {
    const model = compose(true);
    const { each } = model.encoders.left as SharedEncoder;
    Object.assign(each, { tokenCount: ({ values }: Features) => values.shape[0] });
    const { features } = await model.prepare({ left: [4, 5, 6] });
    expect(tokenCounts(model.encoders.left, features.left)).toEqual([3]);
    model.dispose();
  });

  it('takes no several values', () => {
    const config = {
      hiddenSize: 2,
      encoders: { left: { use: 'numbers', shared: true, several: true } },
      fusion: { use: 'sum' },
      heads: { total: { use: 'total' } },
    } as const;
    expect(() => composeModel(createRegistry([numbersPlugin]), config)).toThrow(ConfigError);
  });
});

it('takes rows for equal that are so to the byte', () => {
  const row = (...numbers: number[]) => ({ values: hostTensor(Float32Array.from(numbers), [numbers.length]) });
  const small = (...numbers: number[]) => ({ values: hostTensor(Uint8Array.from(numbers), [numbers.length]) });
  expect([
    ...distinctRows([row(1), row(2), row(1), row(1, 0), row(Number.NaN), row(0), row(-0), row(Number.NaN)]),
  ]).toEqual([0, 1, 0, 2, 3, 4, 5, 3]);
  expect([...distinctRows([small(1, 2, 3), small(1, 2, 4), small(1, 2, 3)])]).toEqual([0, 1, 0]);
});

describe('spreadState', () => {
  const numbers = tf.tensor1d([1, 0, 1], 'int32');

  it('gives rows what was kept of their values', () => {
    const bias = tf.tensor3d([7], [1, 1, 1]);
    const state = { grid: [2, 3], bias, ends: new Map([['end', tf.tensor1d([4, 5])]]) };
    const spread = spreadState(state, numbers, 2) as typeof state;
    expect(spread.grid).toEqual([2, 3]);
    expect(spread.bias).toBe(bias);
    expect([...spread.ends.get('end')!.dataSync()]).toEqual([5, 4, 5]);
    expect(spreadState(undefined, numbers, 2)).toBeUndefined();
  });

  it.each([
    [{ windows: tf.zeros([6, 4]) }, 'received a tensor of shape [6,4]'],
    [{ next: () => 1 }, 'received a function'],
    [new Date(0), 'received'],
  ])('refuses what it cannot know: %#', (state, message) => {
    expect(() => spreadState(state, numbers, 2)).toThrow(PartError);
    expect(() => spreadState(state, numbers, 2)).toThrow(message);
  });
});
