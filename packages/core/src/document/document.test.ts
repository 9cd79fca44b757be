import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { compiled } from '../backend/compiled';
import { useBackend } from '../backend/use-backend';
import { disposeBatch, uploadBatch } from '../batch';
import { composeModel } from '../compose-model';
import { inferenceContext } from '../context';
import { ConfigError, PartError, SampleError } from '../errors';
import { hostTensor } from '../features';
import type { PreparedSample } from '../prepared-sample';
import { RandomKey } from '../random-key';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { linesPlugin } from '../testing/lines-plugin';
import { numbersPlugin } from '../testing/test-parts';
import { bindPlaces } from './bind-places';
import { rawValues } from './sample-values';

/** The order of slots is not that of documents: the host stands between the others. */
function compose(options: { maxLength?: number; most?: number } = {}) {
  const { maxLength = 100, most = 7 } = options;
  const model = composeModel(createRegistry([numbersPlugin, linesPlugin]), {
    hiddenSize: 2,
    encoders: {
      picture: { use: 'numbers', several: { most } },
      line: { use: 'lines', maxLength },
      sound: { use: 'numbers', scale: 10 },
      other: { use: 'lines' },
    },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });
  for (const [path, parameter] of model.parameters()) {
    if (path.endsWith('weight')) parameter.assignValues(Float32Array.of(1, 1));
  }
  return model;
}

const places = ({ features }: PreparedSample) => ({
  slot: [...features.line.placeSlot.data],
  value: [...features.line.placeValue.data],
});
/** The numbers of each picture, as they were prepared. */
const pictures = ({ features }: PreparedSample) => {
  const { values, 'values/extents': extents } = features.picture;
  return Array.from({ length: values.shape[0] }, (_, index) =>
    Array.from(values.data.subarray(index * values.shape[1], index * values.shape[1] + extents.data[index])),
  );
};

describe('a document', () => {
  it.each([
    [
      [{ lin: [1] }],
      'sample, line, part 0: expected the name of a slot of the model as its key, received "lin". Did you mean "line"?',
    ],
    [[{}], 'sample, line, part 0: expected an object with one key, the name of a slot, received one without a key'],
    [[null], 'sample, line, part 0: expected an object with one key, the name of a slot, received null'],
  ])('is told by the part that is wrong, also where no part is right: %j', async (line, message) => {
    await expect(compose().prepare({ line })).rejects.toThrow(message);
  });

  it('gives each slot its values in the order of the parts, and says at each place which one stands there', async () => {
    const model = compose();
    const sample = {
      line: [{ line: [1, 2] }, { picture: [5] }, { sound: [3] }, { picture: [6, 7] }, { line: [4] }],
    };
    const prepared = await model.prepare(sample);
    expect(Object.keys(prepared.features)).toEqual(['picture', 'line', 'sound']); // the model's order
    expect([...prepared.features.line.values.data]).toEqual([1, 2, 0, 0, 0, 4]);
    expect(places(prepared)).toEqual({ slot: [-1, -1, 0, 2, 0, -1], value: [-1, -1, 0, 0, 1, -1] });
    expect(pictures(prepared)).toEqual([[5], [6, 7]]);
    expect([...prepared.features.sound.values.data]).toEqual([30]);
    model.dispose();
  });

  it('shares a batch with plain values and with documents of 0, 1 and 7 places, each answered as alone', async () => {
    const model = compose();
    const seven = Array.from({ length: 7 }, (_, index) => [{ picture: [index + 1] }, { line: [index] }]).flat();
    const samples: Sample[] = [
      { line: [1, 2, 3] },
      { line: [{ line: [4] }] },
      { line: [{ line: [4] }, { picture: [5] }] },
      { line: seven },
      { line: [9], picture: [[1], [2]] },
    ];
    const prepared = await Promise.all(samples.map((sample) => model.prepare(sample)));
    const { line } = model.collate(prepared).modalities;
    expect(line.features.placeSlot.shape).toEqual([5, 14]);
    expect([...line.features.placeSlot.data.subarray(0, 28)]).toEqual(Array(28).fill(-1)); // of what has no places
    expect([...line.features.placeValue.data.subarray(28, 32)]).toEqual([-1, 0, -1, -1]);
    expect([...line.features.placeValue.data.subarray(42, 56)].filter((_, at) => at % 2 === 0)).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
    const totals = [12, 8, 8 + 10, 2 * 21 + 2 * 4, 18 + 3];
    const totalsOf = (rows: readonly PreparedSample[]) =>
      tf.tidy(() => {
        const batch = uploadBatch(model.collate(rows));
        const { heads } = model.forward(batch, inferenceContext(), ['total']);
        disposeBatch(batch);
        return Array.from((heads.total.output as tf.Tensor1D).dataSync());
      });
    expect(totalsOf(prepared)).toEqual(totals);
    expect(prepared.map((row) => totalsOf([row])[0])).toEqual(totals);
    expect((await model.predict(samples)).map(({ total }) => total)).toEqual(totals);
    model.dispose();
  });

  it('costs nothing where there is none', async () => {
    const model = compose();
    const rows = [await model.prepare({ line: [1, 2] }), await model.prepare({ line: [3] })];
    expect(Object.keys(rows[0].features.line)).toEqual(['values']);
    expect(Object.keys(model.collate(rows).modalities.line.features)).toEqual(['values', 'mask']);
    model.dispose();
  });

  it('leaves out parts without a value, and their places', async () => {
    const model = compose();
    const prepared = await model.prepare({
      line: [{ picture: undefined }, { line: [1] }, { line: null }, { picture: [8] }, { sound: null }],
    });
    expect(places(prepared)).toEqual({ slot: [-1, 0], value: [-1, 0] });
    expect(pictures(prepared)).toEqual([[8]]);
    expect(Object.keys(prepared.features)).toEqual(['picture', 'line']);
    const { features } = await model.prepare({ line: [{ line: null }, { picture: null }], sound: [1] });
    expect(Object.keys(features)).toEqual(['sound']);
    model.dispose();
  });

  it('that was cut loses the values whose places are gone, unread, and the others stay bound', async () => {
    const model = compose({ maxLength: 3 });
    const unreadable = { picture: 'no picture' };
    const prepared = await model.prepare({
      line: [{ line: [1] }, { picture: [5] }, { picture: [6] }, unreadable, { sound: ['none'] }],
    });
    expect(Object.keys(prepared.features)).toEqual(['picture', 'line']);
    expect(places(prepared)).toEqual({ slot: [-1, 0, 0], value: [-1, 0, 1] });
    expect(pictures(prepared)).toEqual([[5], [6]]);
    model.dispose();
  });

  it('may stand in several slots, whose values are counted together', async () => {
    const model = compose();
    const { features } = await model.prepare({
      other: [{ picture: [3] }, { other: [1] }],
      line: [{ line: [1] }, { picture: [2] }],
    });
    expect([...features.line.placeValue.data]).toEqual([-1, 0]);
    expect([...features.other.placeValue.data]).toEqual([1, -1]);
    expect(pictures({ features, targets: {} })).toEqual([[2], [3]]);
    model.dispose();
  });

  it('draws for its values what lists of them draw', async () => {
    const model = compose();
    const context = { training: true, key: RandomKey.from(3) };
    const document = await model.prepare({ line: [{ line: [1] }, { picture: [1] }, { picture: [1] }] }, context);
    const list = await model.prepare({ picture: [[1], [1]] }, context);
    expect(pictures(document)).toEqual(pictures(list));
    expect(pictures(document)[0]).not.toEqual(pictures(document)[1]);
    model.dispose();
  });

  it('has a signature of its own, with its length left open', async () => {
    await useBackend('onnx');
    const model = compose();
    const sample = { line: [{ line: [1] }, { picture: [2, 3] }] };
    const signature = await model.signature(sample);
    expect(signature.dynamicAxes).toMatchObject({
      'line/placeSlot': { 0: 'rows', 1: 'line/length' },
      'line/placeValue': { 0: 'rows', 1: 'line/length' },
    });
    const program = compiled(signature.run, { dynamicAxes: signature.dynamicAxes });
    for (const parts of [sample.line, [{ line: [1, 2, 3] }, { picture: [4] }, { line: [5] }, { picture: [6, 0, 0] }]]) {
      const inputs = signature.inputs([await model.prepare({ line: parts })]);
      const [{ total }] = (await signature.answers(program(inputs))) as { total: number }[];
      expect(total).toBe(parts.length === 2 ? 2 + 10 : 2 * 11 + 10);
      tf.dispose(inputs);
    }
    const plain = await model.prepare({ line: [1], picture: [[2]] });
    expect(() => signature.inputs([plain])).toThrow(ConfigError);
    expect(() => signature.inputs([plain])).toThrow('line/placeSlot: expected a document among the samples');
    const ofPlain = await model.signature({ line: [1], picture: [[2]] });
    const document = await model.prepare(sample);
    expect(() => ofPlain.inputs([document])).toThrow('expected samples without a document');
    const answers = await model.predict([{ line: [1], picture: [[2]] }, sample, { line: [1], picture: [[3], [4]] }]);
    expect(answers.map(({ total }) => total)).toEqual([6, 12, 9]);
    program.dispose();
    model.dispose();
  });
  afterAll(() => useBackend('cpu'));

  it.each<[Sample, string]>([
    [
      { line: [{ line: [1] }, { pictur: [1] }] },
      'sample 3, line, part 1: expected the name of a slot of the model as its key, received "pictur". Did you mean "picture"?',
    ],
    [
      { line: [{ line: [1], picture: [1] }] },
      'sample 3, line, part 0: expected an object with one key, the name of a slot, received one with line, picture.',
    ],
    [
      { line: [{ line: [1] }, {}] },
      'sample 3, line, part 1: expected an object with one key, the name of a slot, received one without a key.',
    ],
    [
      { line: [{ line: [1] }, [2]] },
      'sample 3, line, part 1: expected an object with one key, the name of a slot, received an array of 1. Write { line: … }',
    ],
    [
      { line: [{ picture: [1] }] },
      'sample 3, line: expected a document with a part of "line" itself, received one of picture alone.',
    ],
    [{ line: [{ line: ['x'] }] }, 'sample 3, line, part 0: expected an array of numbers'],
    [{ line: [{ line: [1] }, { picture: ['x'] }] }, 'sample 3, line, part 1: expected an array of numbers'],
    [{ line: [{ line: [1] }, { sound: ['x'] }] }, 'sample 3, line, part 1: expected an array of numbers'],
    [
      { line: [{ line: [1] }, { sound: [1] }, { sound: [2] }] },
      'sample 3, line, part 2: expected at most one value of "sound", which takes no more in a sample, received a second.',
    ],
    [
      { line: [{ line: [1] }, { sound: [1] }], sound: [2] },
      'sample 3, sound: expected no value of its own, since a document has one (sample 3, line, part 1), received one.',
    ],
    [
      { line: [{ line: [1] }, { other: [1] }], other: [{ other: [2] }] },
      'sample 3, other: expected no value of its own',
    ],
    [
      { line: [{ line: [1] }, ...Array(8).fill({ picture: [1] })] },
      'sample 3, picture: expected at most 7 values, received 8.',
    ],
    [
      { picture: [{ line: [1] }, { picture: [1] }] },
      'sample 3, picture, value 0: expected an array of numbers, received an object with line. It looks like a document',
    ],
    [
      { sound: [{ line: [1] }] },
      'sample 3, sound: expected an array of numbers, received an array of 1. It looks like a document',
    ],
    [
      { line: [{ line: null }] },
      'sample 3: expected at least one of picture, line, sound, other, received no modality',
    ],
  ])('that cannot be read is refused by name: %#', async (sample, message) => {
    const model = compose();
    const preparing = model.prepare(sample, { training: false }, 'sample 3');
    await expect(preparing).rejects.toThrow(SampleError);
    await expect(preparing).rejects.toThrow(message);
    model.dispose();
  });
});

it.each([
  [Int32Array.of(0, 0), 'it 2 times'],
  [Int32Array.of(1), '1'],
  [Int32Array.of(-2), '-2'],
  [[0], 'an array of 1'],
])('a processor that makes up places is named: %#', async (places, received) => {
  const model = compose();
  const features = { values: hostTensor(new Float32Array(places.length), [places.length]) };
  Object.assign(model.processors.line, { interleave: () => ({ features, places }) });
  const preparing = model.prepare({ line: [{ line: [1] }, { picture: [1] }] });
  await expect(preparing).rejects.toThrow(PartError);
  await expect(preparing).rejects.toThrow(
    new RegExp(`sample, line, processor, interleave\\(\\), places: .*received ${received}`),
  );
  model.dispose();
});

describe('bindPlaces', () => {
  const bind = (places: number[], count = 1) => {
    const values = Array.from({ length: count }, (_, index) => ({
      slot: 'picture',
      value: index,
      where: `part ${index}`,
    }));
    const features = { ids: hostTensor(Int32Array.from(places), [places.length]) };
    return bindPlaces(
      [{ host: 'line', raw: [], parts: [], values, interleaved: { features, places: Int32Array.from(places) } }],
      ['line', 'picture'],
    );
  };

  it('counts the values that are left where the beginning was cut off', () => {
    const { features, values } = bind([-1, 1, -1, 3], 4);
    expect([...features.line.placeSlot.data]).toEqual([-1, 1, -1, 1]);
    expect([...features.line.placeValue.data]).toEqual([-1, 0, -1, 1]);
    expect(values.picture.map(({ value }) => value)).toEqual([1, 3]);
  });
});

describe('rawValues', () => {
  it('finds the values of a slot wherever they stand', () => {
    const model = compose();
    const line = [{ line: [1] }, { picture: [5] }, { sound: [3] }];
    const raw = rawValues({ line, other: [4] }, model.processors);
    expect(raw).toEqual({ picture: [[5]], sound: [3], line, other: [4] });
    model.dispose();
  });
});
