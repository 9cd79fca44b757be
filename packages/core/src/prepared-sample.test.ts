import { describe, expect, it } from 'vitest';
import { FileFormatError, SampleError, ShapeError, UnknownNameError } from './errors';
import { type Features, hostTensor } from './features';
import { prepareSample } from './prepare-sample';
import { batchByShape, collateSamples, type PreparedSample, type Processors, shapeKey } from './prepared-sample';
import type { PrepareContext, Processor } from './processor';
import { RandomKey } from './random-key';
import type { Sample } from './sample';
import { numbersPlugin } from './testing/test-parts';

const [numbers] = numbersPlugin.encoders!;
const create = (scale = 1) => numbers.processor.create({ scale }, { slot: 'left', savedFile: () => undefined });
const processors = { left: create(), right: create(10) };
/** A head "size" learns from the target "digit". */
const [{ target }] = numbersPlugin.heads!;
const number = target!.create({}, { slot: 'size', savedFile: () => undefined, processors: {} });
const from = { processors, targets: { size: { name: 'digit', processor: number } } };
const withProcessors = (own: Processors) => ({ processors: own, targets: {} });
const inference: PrepareContext = { training: false };

function prepared(lengths: Readonly<Record<string, number>>): PreparedSample {
  const features = Object.entries(lengths).map(([modality, length]): [string, Features] => [
    modality,
    { values: hostTensor(new Float32Array(length).fill(length), [length]) },
  ]);
  return { features: Object.fromEntries(features), targets: {} };
}

describe('prepareSample', () => {
  it('processes what a sample has, in the order of the model, and the targets of its heads', async () => {
    const targets = { digit: 7 };
    const sample = await prepareSample(from, { right: [1, 2], targets, left: [3] }, inference);
    expect(Object.keys(sample.features)).toEqual(['left', 'right']);
    expect([...sample.features.right.values.data]).toEqual([10, 20]);
    expect([...sample.targets.size.value.data]).toEqual([7]);
  });

  it('takes undefined, null and a missing name alike for absent', async () => {
    for (const sample of [{ left: [1] }, { left: [1], right: undefined }, { left: [1], right: null }]) {
      expect(Object.keys((await prepareSample(from, sample, inference)).features)).toEqual(['left']);
    }
  });

  it('refuses a sample without any modality of the model', async () => {
    const refused = (sample: object) => expect(prepareSample(from, { ...sample }, inference, 'sample 4')).rejects;
    await refused({}).toThrow(SampleError);
    await refused({ targets: { digit: 1 } }).toThrow(
      'sample 4: expected at least one of left, right, received no modality.',
    );
    await refused({ left: null, right: undefined }).toThrow(SampleError);
  });

  it('says in which sample and modality a raw value cannot be read', async () => {
    const error = await prepareSample(from, { left: [1], right: 'seven' }, inference, 'sample 4').catch((e) => e);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toBe('sample 4, right: expected an array of numbers, received "seven".');
    expect(error.where).toBe('sample 4, right');
    expect(error.cause).toBeInstanceOf(SampleError);
  });

  it('refuses a name that means nothing beside one that does, and suggests the nearest', async () => {
    const refused = (sample: object) => expect(prepareSample(from, { ...sample }, inference, 'sample 4')).rejects;
    await refused({ right: [1], lfet: [1] }).toThrow(
      'sample 4: expected only modalities of the model, received "lfet". Did you mean "left"? ' +
        'Known: left, right, targets, meta. Whatever else belongs to a sample goes into its "meta".',
    );
    await refused({ right: [1], lfet: undefined }).toThrow('"left"?');
    await refused({ left: [1], target: { digit: 1 } }).toThrow('Did you mean "targets"?');
    const other = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`column${i}`.repeat(1000), i]));
    const error = await prepareSample(from, { left: [1], ...other }, inference).catch((thrown) => thrown);
    expect(error.message).toMatch(/"column0.* and 6 more/);
    expect(error.message.length).toBeLessThan(500);
  });

  it('refuses a target that no head reads, and one that its processor cannot', async () => {
    const refused = (targets: object) =>
      expect(prepareSample(from, { left: [1], targets: { ...targets } }, inference, 'sample 4')).rejects;
    await refused({ digti: 1 }).toThrow(
      'sample 4, targets: expected only targets that a head reads, received "digti". Did you mean "digit"?',
    );
    await refused({ size: 1 }).toThrow(SampleError); // the head's name, not its target's
    await refused({ digit: 'seven' }).toThrow('sample 4, targets.digit: expected a number, received "seven".');
  });

  it('takes undefined and null for no target', async () => {
    for (const digit of [undefined, null]) {
      expect((await prepareSample(from, { left: [1], targets: { digit } }, inference)).targets).toEqual({});
    }
  });

  it('lets anything pass under "meta"', async () => {
    const { features } = await prepareSample(from, { left: [1], meta: { id: 3 } }, inference);
    expect(Object.keys(features)).toEqual(['left']);
  });

  it.each([undefined, null, 'left', 3, [[1]], () => ({ left: [1] })])('refuses %o as a sample', async (value) => {
    const preparing = prepareSample(from, value as unknown as Sample, inference, 'sample 4');
    await expect(preparing).rejects.toThrow(SampleError);
    await expect(preparing).rejects.toThrow('sample 4: expected an object with at least one of left, right, received');
  });

  it.each(['good', ['good'], 3, null])('refuses %o as targets', async (targets) => {
    const preparing = prepareSample(from, { left: [1], targets: targets as never }, inference, 'sample 4');
    await expect(preparing).rejects.toThrow('sample 4, targets: expected an object of targets by name, received');
  });

  it('says of which sample a processor threw whatever else, and keeps that as the cause', async () => {
    const throwing = (thrown: unknown): Processor => ({
      process: () => {
        throw thrown;
      },
      collate: () => ({}),
      shape: () => ({}),
    });
    const bug = new RangeError('a bug');
    const preparing = prepareSample(withProcessors({ left: throwing(bug) }), { left: 1 }, inference, 'sample 4');
    await expect(preparing).rejects.toMatchObject({
      message: 'sample 4, left: expected a value that its processor can read, received RangeError: a bug.',
      cause: bug,
    });
    const format = new FileFormatError({ where: 'a.png', expected: 'a picture', received: 'text' });
    await expect(
      prepareSample(withProcessors({ left: throwing(format) }), { left: 1 }, inference, 'sample 4'),
    ).rejects.toThrow('sample 4, left, a.png: expected a picture, received text.');
    await expect(prepareSample(withProcessors({ left: throwing(undefined) }), { left: 1 }, inference)).rejects.toThrow(
      SampleError,
    );
    const stop = new DOMException('stopped', 'AbortError');
    await expect(prepareSample(withProcessors({ left: throwing(stop) }), { left: 1 }, inference)).rejects.toBe(stop);
  });

  it('gives each modality a key of its own in training', async () => {
    const same = { left: create(), right: create() };
    const training: PrepareContext = { training: true, key: RandomKey.from(1) };
    const values = async () => {
      const { features } = await prepareSample(withProcessors(same), { left: [0], right: [0] }, training);
      return [features.left.values.data[0], features.right.values.data[0]];
    };
    const [left, right] = await values();
    expect(left).not.toBe(right);
    expect(await values()).toEqual([left, right]);
    const alone = await prepareSample(withProcessors({ left: create() }), { left: [0] }, training);
    expect(alone.features.left.values.data[0]).toBe(left);
  });
});

describe('collateSamples', () => {
  it('lists for each modality only the rows that have it', () => {
    const batch = collateSamples(from, [
      prepared({ left: 2 }),
      prepared({ right: 3 }),
      prepared({ right: 1, left: 1 }),
    ]);
    expect(batch.size).toBe(3);
    expect([...batch.modalities.left.rows]).toEqual([0, 2]);
    expect([...batch.modalities.right.rows]).toEqual([1, 2]);
    expect(batch.modalities.left.features.values.shape).toEqual([2, 2]);
    expect([...batch.modalities.left.features.mask.data]).toEqual([1, 1, 1, 0]);
    expect(batch.targets).toEqual({});
  });

  it('lists for each head only the rows that have its target', () => {
    const value = (own: number) => ({ size: { value: hostTensor(Float32Array.of(own), []) } });
    const rows = [prepared({ left: 2 }), { ...prepared({ left: 1 }), targets: value(7) }];
    const { targets } = collateSamples(from, [...rows, { ...prepared({ left: 3 }), targets: value(9) }]);
    expect([...targets.size.rows]).toEqual([1, 2]);
    expect([...targets.size.features.value.data]).toEqual([7, 9]);
  });

  it('does not list a modality that no row has', () => {
    expect(Object.keys(collateSamples(from, [prepared({ left: 2 })]).modalities)).toEqual(['left']);
  });
});

describe('collateSamples of samples that ask for lengths', () => {
  it('pads to the largest that is asked for, or that a row has', () => {
    const asking = { ...prepared({ left: 1, right: 3 }), lengths: { left: { length: 5 } } };
    const { left, right } = collateSamples(from, [asking, prepared({ left: 2 })]).modalities;
    expect(left.features.values.shape).toEqual([2, 5]);
    expect([...left.features.mask.data]).toEqual([1, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
    expect(right.features.values.shape).toEqual([1, 3]);
    expect(collateSamples(from, [asking, prepared({ left: 7 })]).modalities.left.features.values.shape).toEqual([2, 7]);
  });

  it('puts those that ask for the same lengths into one batch', () => {
    const asking = [1, 2, 4].map((left) => ({ ...prepared({ left }), lengths: { left: { length: 4 } } }));
    expect(batchByShape(processors, asking, 8)).toEqual([[0, 1, 2]]);
  });

  it('says which modality is asked for what it cannot be', () => {
    const collate = (lengths: PreparedSample['lengths']) =>
      collateSamples(from, [{ ...prepared({ left: 4 }), ...(lengths && { lengths }) }]);
    expect(() => collate({ left: { length: 3 } })).toThrow(ShapeError);
    expect(() => collate({ left: { length: 3 } })).toThrow('left, lengths.length: expected at least 4');
    expect(() => collate({ left: { lenght: 5 } })).toThrow(UnknownNameError);
    expect(() => collate({ left: { lenght: 5 } })).toThrow('Did you mean "length"?');
  });
});

describe('batchByShape', () => {
  it('puts samples of one combination and length together, each once, none in a batch that is too large', () => {
    const key = RandomKey.from(0);
    const samples = Array.from({ length: 200 }, (_, index) => {
      const own = key.fold(index);
      const lengths = { left: own.fold('left').integer(0, 4), right: own.fold('right').integer(0, 3) };
      return prepared(Object.fromEntries(Object.entries(lengths).filter(([, length]) => length > 0)));
    });
    const batches = batchByShape(processors, samples, 7);
    expect(batches.flat().sort((a, b) => a - b)).toEqual(samples.map((_, index) => index));
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(7);
      expect(new Set(batch.map((index) => shapeKey(processors, samples[index]))).size).toBe(1);
    }
    const keys = new Set(samples.map((sample) => shapeKey(processors, sample)));
    const needed = [...keys].map((shape) => {
      return Math.ceil(samples.filter((sample) => shapeKey(processors, sample) === shape).length / 7);
    });
    expect(batches.length).toBe(needed.reduce((sum, count) => sum + count, 0));
  });

  it('tells apart combinations, lengths and modalities', () => {
    const lengths: Record<string, number>[] = [
      { left: 1 },
      { left: 2 },
      { right: 1 },
      { left: 1, right: 1 },
      { left: 1, right: 2 },
    ];
    const keys = lengths.map((own) => shapeKey(processors, prepared(own)));
    expect(new Set(keys).size).toBe(5);
  });
});
