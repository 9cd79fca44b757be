import { expect, it } from 'vitest';
import { composeModel } from '../compose-model';
import { PartError, SampleError } from '../errors';
import { hostTensor } from '../features';
import type { PreparedSample } from '../prepared-sample';
import type { Processor } from '../processor';
import { createRegistry } from '../registry';
import type { SeveralProcessor } from '../several/several-processor';
import { linesPlugin } from '../testing/lines-plugin';
import { numbersPlugin } from '../testing/test-parts';
import { type Divided, isDividing } from './dividing-processor';

/** Pictures are divided into their numbers, in one row, and the whole; one of a single number stays whole. */
function compose({ most = 20, maxLength = 100 } = {}) {
  const model = composeModel(createRegistry([numbersPlugin, linesPlugin]), {
    hiddenSize: 2,
    encoders: {
      line: { use: 'lines', maxLength },
      picture: { use: 'numbers', several: { most } },
      sound: { use: 'numbers', several: { most } },
    },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });
  const one = (model.processors.picture as SeveralProcessor).each;
  dividing(one, async (raw) => {
    const whole = (await one.process(raw, { training: false })) as Divided['values'][number];
    const numbers = raw as number[];
    if (numbers.length === 1) return { values: [whole], grid: [0, 0] };
    const parts = numbers.map((number) => ({ values: hostTensor(Float32Array.of(number), [1]) }));
    return { values: [...parts, whole], grid: [1, numbers.length] };
  });
  return model;
}

function dividing(processor: Processor, divide: (raw: unknown) => Promise<Divided>): void {
  Object.assign(processor, { divide });
  expect(isDividing(processor)).toBe(true);
}

const numbersOf = ({ features }: PreparedSample, slot: string) => {
  const { values, 'values/extents': extents } = features[slot];
  return Array.from({ length: values.shape[0] }, (_, index) =>
    Array.from(values.data.subarray(index * values.shape[1], index * values.shape[1] + extents.data[index])),
  );
};

it('a value that is divided is several to its slot, in a list with others and by itself', async () => {
  const model = compose();
  const alone = await model.prepare({ picture: [[1, 2]] });
  expect(numbersOf(alone, 'picture')).toEqual([[1], [2], [1, 2]]);
  const list = await model.prepare({ picture: [[7], [1, 2], [8, 9]] });
  expect(numbersOf(list, 'picture')).toEqual([[7], [1], [2], [1, 2], [8], [9], [8, 9]]);
  model.dispose();
});

it('a place of a document has an element for each piece, bound to it', async () => {
  const model = compose();
  const prepared = await model.prepare({
    line: [{ picture: [5] }, { line: [1] }, { picture: [6, 7] }, { sound: [3] }, { picture: [8] }],
  });
  const { placeSlot, placeValue } = prepared.features.line;
  expect([...placeSlot.data]).toEqual([1, -1, 1, 1, 1, 2, 1]);
  expect([...placeValue.data]).toEqual([0, -1, 1, 2, 3, 0, 4]);
  expect(numbersOf(prepared, 'picture')).toEqual([[5], [6], [7], [6, 7], [8]]);
  model.dispose();
});

it('documents with 0, 1 and 7 divided values share a batch, each answered as alone', async () => {
  const model = compose({ most: 40 });
  const seven = Array.from({ length: 7 }, (_, index) => ({ picture: Array(1 + (index % 3)).fill(index) }));
  const samples = [
    { line: [{ line: [1] }] },
    { line: [{ line: [2] }, { picture: [5, 6] }] },
    { line: [{ line: [3] }, ...seven] },
  ];
  const together = await model.predict(samples);
  for (const [index, sample] of samples.entries()) expect(await model.predict([sample])).toEqual([together[index]]);
  model.dispose();
});

it('a host that loses some of a value’s pieces is named', async () => {
  const model = compose({ maxLength: 4 }); // of the second picture two elements of three are left
  const preparing = model.prepare({ line: [{ line: [1] }, { picture: [5] }, { picture: [6, 7] }] });
  await expect(preparing).rejects.toThrow(PartError);
  await expect(preparing).rejects.toThrow(
    /places: expected place 1 3 times, once for each piece of its value, or not at all, received it 2 times/,
  );
  const { features } = await model.prepare({ line: [{ line: [1, 2, 3] }, { picture: [5] }, { picture: [6, 7] }] });
  expect([...features.line.placeValue.data]).toEqual([-1, -1, -1, 0]);
  expect(features.picture.values.shape[0]).toBe(1); // what is cut off whole goes with its place
  model.dispose();
});

it('refuses more pieces than the slot takes, before more is read, and says whose they are', async () => {
  const model = compose({ most: 4 });
  const pictures = [[1, 2], [3, 4], Symbol('never read')];
  const said = /expected at most 4 values, each piece of one that is divided being one, received 6.*most: 6/;
  const list = model.prepare({ picture: pictures }, { training: false }, 'sample 2');
  await expect(list).rejects.toThrow(SampleError);
  await expect(list).rejects.toThrow(/sample 2, picture, value 1/);
  await expect(list).rejects.toThrow(said);
  const document = [{ line: [0] }, ...pictures.map((picture) => ({ picture }))];
  const placed = model.prepare({ line: document }, { training: false }, 'sample 2');
  await expect(placed).rejects.toThrow(/sample 2, line, part 2/);
  await expect(placed).rejects.toThrow(said);
  await expect(model.prepare({ picture: [[1, 2, 3, 4]] })).rejects.toThrow(/received 5/);
  model.dispose();
});

it.each<[unknown, RegExp]>([
  [{ values: [], grid: [0, 0] }, /divide\(\): expected a list of values, at least one/],
  [{ values: [{ values: [1] }], grid: [0, 0] }, /divide\(\), feature "values"/],
  [
    { values: [{ values: hostTensor(Float32Array.of(1), [1]) }], grid: [1, 2] },
    /a grid of rows and columns that holds/,
  ],
  [{ values: [{ values: hostTensor(Float32Array.of(1), [1]) }] }, /a grid of rows and columns that holds/],
])('a processor that divides into what are no values is named: %#', async (made, message) => {
  const model = compose();
  dividing((model.processors.picture as SeveralProcessor).each, async () => made as Divided);
  const preparing = model.prepare({ picture: [[1]] });
  await expect(preparing).rejects.toThrow(PartError);
  await expect(preparing).rejects.toThrow(message);
  model.dispose();
});
