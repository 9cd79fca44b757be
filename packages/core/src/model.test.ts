import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disposeBatch, uploadBatch } from './batch';
import { composeModel } from './compose-model';
import { inferenceContext, trainingContext } from './context';
import { ConfigError, MissingModalityError, SampleError, StateError, UnknownNameError } from './errors';
import { meanLoss } from './loss';
import type { Model } from './model';
import { Module } from './module';
import { RandomKey } from './random-key';
import { createRegistry } from './registry';
import type { Sample } from './sample';
import { numbersPlugin } from './testing/test-parts';

let model: Model;

beforeAll(() => {
  model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 10 }, third: { use: 'numbers', scale: 100 } },
    fusion: { use: 'sum' },
    heads: {
      total: { use: 'total' },
      seen: { use: 'total', factor: 2, all: ['left'] },
      twice: { use: 'total', input: 'total' },
    },
  });
  for (const parameter of model.parameters().values()) parameter.assignValues(Float32Array.of(1, 1));
});

afterAll(() => model.dispose());

/** The total by hand: twice (for the two elements of a token) the sum of numbers times their slot's scale. */
function total(sample: Sample): number {
  const scales: Record<string, number> = { left: 1, right: 10, third: 100 };
  const sums = Object.entries(scales).map(([slot, scale]) => {
    return scale * ((sample[slot] as number[] | undefined) ?? []).reduce((sum, value) => sum + value, 0);
  });
  return 2 * sums.reduce((sum, value) => sum + value, 0);
}

const subsets: Sample[] = [
  { left: [1, 2] },
  { right: [3] },
  { third: [1, 1, 1] },
  { right: [1], left: [2] },
  { left: [1], third: [2, 2] },
  { third: [4], right: [5, 6] },
  { left: [1, 2, 3], right: [4], third: [5, 6] },
];

describe('Model.predict', () => {
  it('answers every subset of modalities, mixed in one call, in the order of the samples', async () => {
    const key = RandomKey.from(0);
    for (const batchSize of [1, 2, 32]) {
      const samples = [...key.fold(batchSize).shuffle(21)].map((index) => subsets[index % 7]);
      const predictions = await model.predict(samples, { batchSize });
      expect(predictions).toEqual(
        samples.map((sample) => ({
          total: total(sample),
          twice: 2 * total(sample),
          ...('left' in sample && { seen: 2 * total(sample) }),
        })),
      );
    }
  });

  it('answers nothing where nothing is asked', async () => {
    expect(await model.predict([])).toEqual([]);
  });

  it('runs the heads that are asked for alone', async () => {
    expect(await model.predict([{ left: [1] }], { heads: ['seen'] })).toEqual([{ seen: 4 }]);
    expect(await model.predict([{ left: [1] }], { heads: ['twice'] })).toEqual([{ twice: 4 }]);
  });

  it('names the sample that lacks what a head requires', async () => {
    const samples = [{ left: [1] }, { left: [1, 2] }, { right: [1] }];
    const refused = expect(model.predict(samples, { heads: ['seen'] })).rejects;
    await refused.toThrow(MissingModalityError);
    await expect(model.predict(samples, { heads: ['seen'] })).rejects.toThrow(
      'sample 2, head "seen": expected all of left, received right.',
    );
  });

  it('asks of a head that there is whether it can run', () => {
    expect(model.canRun('seen', ['right'])).toBe(false);
    for (const name of ['sen', '__proto__', 'constructor']) {
      expect(() => model.canRun(name, ['left'])).toThrow(UnknownNameError);
    }
  });

  it('suggests a name for an unknown head', async () => {
    await expect(model.predict([{ left: [1] }], { heads: ['totl'] })).rejects.toThrow(UnknownNameError);
    await expect(model.predict([{ left: [1] }], { heads: ['totl'] })).rejects.toThrow('Did you mean "total"?');
  });

  it('names the sample and the modality that cannot be read', async () => {
    const refused = (sample: Sample) => expect(model.predict([{ left: [1] }, { left: [1] }, sample])).rejects;
    await refused({ left: [1], right: 'seven' }).toThrow(SampleError);
    await refused({ left: [1], right: 'seven' }).toThrow(
      'sample 2, right: expected an array of numbers, received "seven".',
    );
    await refused({}).toThrow('sample 2: expected at least one of left, right, third, received no modality.');
    await refused({ rihgt: [1] }).toThrow('Did you mean "right"?');
  });

  it.each([
    [{ batchsize: 8 }, 'predict: expected only known options, received "batchsize". Did you mean "batchSize"?'],
    [{ batchSize: 0 }, 'predict.batchSize: expected a number of at least 1, received 0.'],
    [{ batchSize: -1 }, 'predict.batchSize: expected a number of at least 1, received -1.'],
    [{ batchSize: 1.5 }, 'predict.batchSize: expected a whole number, received 1.5.'],
    [{ batchSize: Number.NaN }, 'predict.batchSize: expected a number, received NaN.'],
    [{ batchSize: '8' }, 'predict.batchSize: expected a number, received "8".'],
    [
      { heads: 'total' },
      'predict.heads: expected a list of heads, or an object with options for each, received "total".',
    ],
    [
      { heads: {} },
      'predict.heads: expected a list of heads, or an object with options for each, received an object with nothing in it',
    ],
    [{ heads: { total: 3 } }, 'predict.heads.total: expected an object, received 3.'],
    [{ heads: { total: { loud: true } } }, 'predict.heads.total: expected only known options, received "loud".'],
    [{ heads: [] }, 'predict.heads: expected at least 1 item, received an array of 0.'],
    [{ heads: [undefined] }, 'predict.heads.0: expected a string, received nothing.'],
    [{ signal: {} }, 'predict.signal: expected an AbortSignal, received an object with nothing in it.'],
    [null, 'predict: expected an object, received null.'],
  ])('refuses the options %o', async (options, message) => {
    for (const samples of [[{ left: [1] }], []]) {
      await expect(model.predict(samples, options as never)).rejects.toThrow(ConfigError);
      await expect(model.predict(samples, options as never)).rejects.toThrow(message);
    }
  });

  it('takes options that are undefined for left out', async () => {
    const options = { heads: ['total'], batchSize: undefined, signal: undefined };
    expect(await model.predict([{ left: [1] }], options)).toEqual([{ total: 2 }]);
  });

  it('says by its index which sample is none, also in the gaps of an array', async () => {
    for (const gap of [
      [{ left: [1] }, undefined],
      [{ left: [1] }, null],
      [{ left: [1] }, 'left'],
      Object.assign(new Array(2), { 0: { left: [1] } }),
    ]) {
      await expect(model.predict(gap as Sample[])).rejects.toThrow('sample 1: expected an object with at least one of');
    }
    await expect(model.warmUp({ left: [1] } as never)).rejects.toThrow(
      /^warmUp: .* For one sample: warmUp\(\[sample\]\)/,
    );
    await expect(model.warmUp([], { batchSize: 0 })).rejects.toThrow(/^warmUp\.batchSize: /);
    expect(() => model.predictStream([], { heads: [] })).toThrow(/^predictStream\.heads: /);
    expect(() => model.predictStream(3 as never)).toThrow(/^predictStream: /);
    for (const samples of [undefined, null, { left: [1] }, 'left', 3]) {
      await expect(model.predict(samples as never)).rejects.toThrow(
        /^predict: expected an array, or another iterable, of samples, received/,
      );
    }
  });

  it('names the sample that throws when it is read, with what it threw as the cause', async () => {
    const own = new RangeError('mine');
    const fail = () => {
      throw own;
    };
    const samples = [
      Object.defineProperty({}, 'left', { get: fail, enumerable: true }),
      new Proxy({}, { ownKeys: fail }),
      Object.defineProperty({ left: [1] }, 'targets', { get: fail, enumerable: true }),
      { left: [1], targets: new Proxy({}, { ownKeys: fail }) },
    ];
    for (const sample of samples) {
      const error = await model.predict([{ left: [1] }, sample]).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(SampleError);
      expect(error.message).toMatch(/^sample 1(, targets)?: .* received RangeError: mine/);
      expect(error.cause).toBe(own);
    }
    const skipped = await model.predict([...samples, { left: [1] }], { onError: 'skip' });
    expect(skipped.map((answer) => answer instanceof SampleError)).toEqual([true, true, true, true, false]);
  });

  it('refuses targets that no head reads', async () => {
    const sample = { left: [1], targets: { totl: 3 } };
    await expect(model.predict([sample])).rejects.toThrow(
      'sample 0, targets: expected only targets that a head reads, received "totl". Did you mean "total"?',
    );
  });

  it('leaves no tensor behind, also when it fails', async () => {
    await model.predict(subsets);
    const before = tf.memory().numTensors;
    await model.predict(subsets, { batchSize: 2 });
    await model.predict(subsets, { heads: ['seen'] }).catch(() => undefined);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves its parameters usable', async () => {
    const [first] = await model.predict([{ left: [1] }]);
    expect(await model.predict([{ left: [1] }])).toEqual([first]);
  });

  it('stops between batches when it is told to', async () => {
    await expect(model.predict(subsets, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

describe('Model.losses', () => {
  it('has a loss for each head with a target, over the rows that the head runs on', async () => {
    const samples = [
      { left: [1], targets: { total: 0, seen: 0 } },
      { right: [1], targets: { seen: 0 } },
    ];
    const prepared = await Promise.all(samples.map((sample) => model.prepare(sample)));
    const batch = uploadBatch(model.collate(prepared));
    const losses = model.losses(batch, trainingContext(RandomKey.from(0), model));
    expect(Object.keys(losses)).toEqual(['total', 'seen']);
    const { distance: ofTotal } = losses.total;
    expect([ofTotal.sum.dataSync()[0], ofTotal.count]).toEqual([2, 1]); // the row with that target alone
    const { distance: ofSeen } = losses.seen;
    expect([ofSeen.sum.dataSync()[0], ofSeen.count]).toEqual([4, 1]); // the row with "left" alone
    const one = { count: 1, weight: 1 };
    expect(meanLoss(losses.total, { distance: { count: 4, weight: 1 } }).dataSync()[0]).toBe(0.5);
    expect(model.lossCounts(model.collate(prepared))).toEqual({ total: { distance: one }, seen: { distance: one } });
    expect(Object.keys(model.losses(batch, trainingContext(RandomKey.from(0), model), ['seen']))).toEqual(['seen']);
    expect(model.lossCounts(model.collate(prepared), ['seen'])).toEqual({ seen: { distance: one } });
    expect(() => model.forward(batch, inferenceContext(), ['seen'])).toThrow('row 1, head "seen"');
    disposeBatch(batch);
  });

  it('has none for a batch without targets', async () => {
    const batch = uploadBatch(model.collate([await model.prepare({ left: [1] })]));
    expect(model.losses(batch, trainingContext(RandomKey.from(0), model))).toEqual({});
    disposeBatch(batch);
  });
});

describe('uploadBatch and disposeBatch', () => {
  it('keep types and shapes, and free what they made', async () => {
    const before = tf.memory().numTensors;
    const ids = { data: Int32Array.of(1, 2), shape: [1, 2] };
    const values = { data: Float32Array.of(0.5), shape: [1, 1, 1] };
    const batch = uploadBatch({
      size: 1,
      modalities: { text: { rows: Int32Array.of(0), features: { ids, values } } },
      targets: { size: { rows: Int32Array.of(0), features: { values } } },
    });
    const { features } = batch.modalities.text;
    expect([features.ids.dtype, features.values.dtype]).toEqual(['int32', 'float32']);
    expect([features.ids.shape, features.values.shape]).toEqual([
      [1, 2],
      [1, 1, 1],
    ]);
    disposeBatch(batch);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('contexts', () => {
  class Leaf extends Module {}

  class Branch extends Module {
    readonly leaves = [new Leaf(), new Leaf()];
    added: Leaf | undefined;
  }

  it('draw the same keys for the same step, each time another one', () => {
    const branch = new Branch();
    const keys = (seed: number) => {
      const context = trainingContext(RandomKey.from(seed), branch);
      return [...branch.leaves, branch.leaves[0]].map((leaf) => context.keyFor(leaf).uniform(1)[0]);
    };
    expect(keys(1)).toEqual(keys(1));
    expect(new Set([...keys(1), ...keys(2)]).size).toBe(6);
  });

  it('draw by the path of a module, whoever else draws', () => {
    const branch = new Branch();
    const context = trainingContext(RandomKey.from(1), branch);
    const expected = RandomKey.from(1).fold('leaves.1').fold(0).uniform(2);
    expect(context.keyFor(branch.leaves[1]).uniform(2)).toEqual(expected);
    branch.added = new Leaf();
    const later = trainingContext(RandomKey.from(1), branch);
    for (const module of [branch, branch.added, branch.leaves[0]]) later.keyFor(module);
    expect(later.keyFor(branch.leaves[1]).uniform(2)).toEqual(expected);
  });

  it('draw nothing for a module that is no part of what is trained', () => {
    expect(() => trainingContext(RandomKey.from(1), new Branch()).keyFor(new Leaf())).toThrow(
      'expected a module that is reached through the properties of an object (Branch), received an object (Leaf)',
    );
  });

  it('of inference refuse to draw', () => {
    expect(inferenceContext().training).toBe(false);
    expect(() => inferenceContext().keyFor(new Leaf())).toThrow(StateError);
  });
});
