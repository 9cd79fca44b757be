import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HostBatch } from '../batch';
import { composeModel } from '../compose-model';
import { ConfigError, DuplicateNameError, UnknownNameError } from '../errors';
import { hostTensor } from '../features';
import { definePlugin } from '../plugin';
import { RandomKey } from '../random-key';
import { createRegistry } from '../registry';
import { linesPlugin } from '../testing/lines-plugin';
import { numbersPlugin } from '../testing/test-parts';
import { augmentedFeatures } from './augmented-features';
import { defineAugmentation } from './define-augmentation';
import { makeAugmentations } from './make-augmentations';
import { mixedBatch } from './mixed-batch';

/** Puts a random number behind a list. */
const append = defineAugmentation({
  name: 'append',
  modality: 'numbers',
  config: z.object({ times: z.int().positive().default(1) }),
  create: ({ times }) => ({
    changeValue: (value: readonly number[], key) => [...value, ...key.uniform(times)],
  }),
});

const double = defineAugmentation({
  name: 'double',
  modality: 'numbers',
  config: z.object({}),
  probability: 0.5,
  create: () => ({
    changeFeatures: ({ values }) => ({ values: { ...values, data: values.data.map((value) => 2 * value) } }),
  }),
});

/** Takes all of the partner. */
const trade = defineAugmentation({
  name: 'trade',
  modality: 'numbers',
  config: z.object({ share: z.number() }),
  create: ({ share }) => ({ mix: (features) => ({ features, share }) }),
});

const plugin = definePlugin({ name: 'changes', specificationVersion: 'v1', augmentations: [append, double, trade] });
const registry = createRegistry([numbersPlugin, linesPlugin, plugin]);
const key = RandomKey.from(5);

function compose(several: boolean, use: 'numbers' | 'lines' = 'numbers') {
  return composeModel(registry, {
    hiddenSize: 2,
    encoders: { left: { use, ...(several && { several }) }, right: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });
}

describe('an augmentation of values', () => {
  const augment = { left: [append({ times: 2 }), append()] };

  it('acts in training alone, on its slot alone, anew with each key and the same with one', async () => {
    const model = compose(false);
    const raw = [1, 2];
    const sample = { left: raw, right: [3] };
    const values = async (context: Parameters<typeof model.prepare>[1]) => {
      const { features } = await model.prepare(sample, context);
      return [features.left.values.data, features.right.values.data].map((own) => own.length);
    };
    expect(await values({ training: false })).toEqual([2, 1]);
    expect(await values({ training: true, key, augment })).toEqual([5, 1]);
    expect(await values({ training: false, augment })).toEqual([2, 1]); // without a key nothing is drawn
    expect(raw).toEqual([1, 2]);
    const drawn = async (own: RandomKey) =>
      (await model.prepare(sample, { training: true, key: own, augment })).features.left.values.data;
    expect(await drawn(key)).toEqual(await drawn(key));
    expect(await drawn(key)).not.toEqual(await drawn(key.fold(1)));
    const one = (await model.prepare(sample, { training: true, key, augment: { left: [append({ times: 2 })] } }))
      .features.left.values.data;
    const offset = one[0] - 1; // of the processor, which draws too
    const both = await drawn(key);
    expect([...both.subarray(0, 4)]).toEqual([...one]); // what comes behind changes nothing before it
    expect(both[0] - 1).toBe(offset);
  });

  it('acts on each of several values by itself, and on the parts of a document', async () => {
    const several = compose(true);
    const { features } = await several.prepare({ left: [[1], [1]] }, { training: true, key, augment });
    const { data, shape } = features.left.values;
    expect(shape).toEqual([2, 4]);
    expect(data[1] - data[0]).not.toBe(data[5] - data[4]);
    const document = compose(false, 'lines');
    const sample = { left: [{ left: [1, 2] }, { right: [7] }, { left: [3] }] };
    const prepared = await document.prepare(sample, {
      training: true,
      key,
      augment: { ...augment, right: [append()] },
    });
    expect(prepared.features.left.values.shape).toEqual([2 + 3 + 1 + 1 + 3]);
    expect(prepared.features.right.values.shape).toEqual([2]);
    expect([...prepared.features.left.placeSlot.data]).toEqual([-1, -1, -1, -1, -1, 1, -1, -1, -1, -1]);
  });

  it('acts as often as its probability says', async () => {
    const model = compose(false);
    const lengths: number[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const context = { training: true, key: RandomKey.from(seed), augment: { left: [append({ probability: 0.3 })] } };
      lengths.push((await model.prepare({ left: [1] }, context)).features.left.values.data.length);
    }
    const acted = lengths.filter((length) => length === 2).length;
    expect(Math.abs(acted - 120)).toBeLessThan(4 * Math.sqrt(400 * 0.3 * 0.7)); // binomial, four deviations
  });

  it('says of a fault which sample, slot and augmentation', async () => {
    const broken = defineAugmentation({
      name: 'broken',
      modality: 'numbers',
      config: z.object({}),
      create: () => ({
        changeValue() {
          throw new Error('no number');
        },
      }),
    });
    const prepared = compose(false).prepare(
      { left: [1] },
      { training: true, key, augment: { left: [broken()] } },
      'sample 7',
    );
    await expect(prepared).rejects.toThrow(/sample 7, left, broken: .*no number/);
  });
});

describe('an augmentation of features', () => {
  it('leaves what it is given, and acts on each of several values by itself', async () => {
    const model = compose(true);
    const left = Array.from({ length: 32 }, () => [1]);
    const sample = await model.prepare({ left: left.slice(0, 8), right: [1] });
    const changed = augmentedFeatures(model.processors, sample, { left: [double()] }, key);
    expect([...sample.features.left.values.data]).toEqual(new Array(8).fill(1));
    expect(new Set(changed.features.left.values.data)).toEqual(new Set([1, 2]));
    expect(changed.features.right).toBe(sample.features.right);
    expect(model.collate([changed]).modalities.left.features.values.data).toEqual(changed.features.left.values.data);
  });
});

describe('a mixed batch', () => {
  const rowsOf = (values: readonly number[], rows = [...values.keys()]) => ({
    rows: Int32Array.from(rows),
    features: { value: hostTensor(Float32Array.from(values), [values.length]) },
  });
  const batch: HostBatch = {
    size: 4,
    modalities: { left: rowsOf([1, 2, 3, 4]) },
    targets: { total: rowsOf([10, 30, 40], [0, 2, 3]) },
  };

  it('has for each row the target of its partner, if that has one, and counts as many', () => {
    const partners = key.fold('how').fold('partners').shuffle(4);
    const { mixture, targets } = mixedBatch(batch, { left: [trade({ share: 0.25 })] }, key);
    expect(targets).toBe(batch.targets);
    expect(mixture?.share).toBe(0.25);
    const { rows, features } = mixture!.targets.total;
    const given = new Map([...rows].map((row, place) => [row, features.value.data[place]]));
    const expected = new Map(
      [...partners].flatMap((partner, row) => (partner === 1 ? [] : ([[row, 10 * (partner + 1)]] as const))),
    );
    expect(given).toEqual(expected);
    expect([...partners].sort()).toEqual([0, 1, 2, 3]);
  });

  it('is the batch itself where there is another slot, one row, or nothing that mixes', () => {
    const augment = { left: [trade({ share: 0.5 })] };
    const both = { ...batch, modalities: { ...batch.modalities, right: rowsOf([1], [2]) } };
    expect(mixedBatch(both, augment, key)).toBe(both);
    const one = { size: 1, modalities: { left: rowsOf([1]) }, targets: {} };
    expect(mixedBatch(one, augment, key)).toBe(one);
    expect(mixedBatch(batch, { left: [append()], right: augment.left }, key)).toBe(batch);
  });

  it('is mixed by one of several augmentations, each as often', () => {
    const augment = { left: [trade({ share: 0.25 }), trade({ share: 0.75 })] };
    const shares = Array.from(
      { length: 400 },
      (_, seed) => mixedBatch(batch, augment, RandomKey.from(seed)).mixture?.share,
    );
    const first = shares.filter((share) => share === 0.25).length;
    expect(Math.abs(first - 200)).toBeLessThan(4 * 10);
    expect(shares.filter((share) => share === 0.75).length).toBe(400 - first);
  });
});

describe('augmentations of a config', () => {
  const encoders = { left: { use: 'numbers' } };

  it('are made of what a registry has of the modality of their slot', () => {
    const { left } = makeAugmentations(registry, encoders, { left: [{ use: 'append', times: 3 }, { use: 'double' }] });
    expect(left.map(({ use, probability, options }) => ({ use, probability, options }))).toEqual([
      { use: 'append', probability: 1, options: { times: 3 } },
      { use: 'double', probability: 0.5, options: {} },
    ]);
    expect(registry.names.augmentations).toEqual(['numbers/append', 'numbers/double', 'numbers/trade']);
  });

  it.each([
    [{ lef: [] }, UnknownNameError, /augment\.lef: .*"left"/],
    [{ left: [{ use: 'apend' }] }, UnknownNameError, /augment\.left\.0\.use: .*of the modality "numbers".*"append"/],
    [{ left: [{ use: 'append', tmes: 2 }] }, ConfigError, /augment\.left\.0: .*"tmes".*"times"/],
    [{ left: [{ use: 'append', times: 0 }] }, ConfigError, /augment\.left\.0\.times/],
    [{ left: [{ use: 'double', probability: 1.5 }] }, ConfigError, /augment\.left\.0\.probability/],
    [{ left: { use: 'append' } }, ConfigError, /augment\.left/],
  ])('%j is refused by name', (lists, kind, message) => {
    const make = () => makeAugmentations(registry, encoders, lists);
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });

  it('have names that differ within a modality', () => {
    const twice = { ...plugin, name: 'twice' };
    expect(() => createRegistry([numbersPlugin, plugin, twice])).toThrow(DuplicateNameError);
    expect(() => definePlugin({ ...plugin, augmentations: [append()] as never })).toThrow(/defineAugmentation/);
    expect(() => append({ time: 2 } as never)).toThrow(/append: .*"time"/);
  });
});
