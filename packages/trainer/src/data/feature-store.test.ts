import { type Augmentations, defineAugmentation, RandomKey, type Sample } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { progressBar } from '../progress';
import { tinyModel } from '../testing/tiny-model';
import { type AugmentSample, slotAugmentations } from './augment';
import { CacheBudget } from './cache-budget';
import { FeatureStore, type FeatureStoreOptions } from './feature-store';
import { SamplePreparer } from './preparing/sample-preparer';
import { watchedKey } from './watched-key';

const samples = [{ a: [1, 2, 3] }, { a: [4], c: [5, 6, 7, 8, 9] }, { b: [1] }];
const key = RandomKey.from(1);

async function prepare(
  noise: number,
  {
    augment,
    ...options
  }: Omit<Partial<FeatureStoreOptions>, 'augment'> & { augment?: AugmentSample | Augmentations } = {},
  of: readonly Sample[] = samples,
) {
  const model = tinyModel({ noise });
  let reads = 0;
  const dataset = {
    length: of.length,
    get: (index: number): Sample => {
      reads++;
      return of[index];
    },
  };
  const store = await FeatureStore.prepare(model, dataset, {
    key,
    preparer: SamplePreparer.of(model, { augment }),
    augment: slotAugmentations(augment),
    cache: new CacheBudget(1e6),
    name: 'data',
    progress: progressBar(false),
    ...options,
  });
  return { store, reads: () => reads };
}

describe('FeatureStore', () => {
  it('knows the modalities and length buckets of every sample', async () => {
    const { store } = await prepare(0);
    const of = (numbers: number) => ({ lengths: { numbers } });
    expect(store.shapes).toEqual([{ a: of(4) }, { a: of(4), c: of(8) }, { b: of(4) }]);
  });

  it('prepares what does not augment once', async () => {
    const { store, reads } = await prepare(0);
    await store.get([0, 1, 2], 1);
    await store.get([0, 1, 2], 2);
    expect(reads()).toBe(3);
  });

  it('hears of an abort between samples that wait for nothing', async () => {
    const many = { length: 10_000, get: () => samples[0] };
    const abort = new AbortController();
    setImmediate(() => abort.abort());
    const model = tinyModel();
    const preparing = FeatureStore.prepare(model, many, {
      ...{ preparer: SamplePreparer.of(model), cache: new CacheBudget(0), name: 'data', progress: progressBar(false) },
      signal: abort.signal,
    });
    await expect(preparing).rejects.toThrow('aborted');
  });

  it('keeps no more in memory than the bound allows', async () => {
    const { store, reads } = await prepare(0, { cache: new CacheBudget(4 * 3) }); // the first sample is three floats
    await store.get([0], 1);
    expect(reads()).toBe(3);
    await store.get([1], 1);
    expect(reads()).toBe(4);
  });

  it.each([
    ['compared', { compared: ['a'] }, {}],
    ['shared', {}, { shared: ['a'] }],
  ])('keeps equal values of a slot that is %s once', async (_, how, kind) => {
    const of = (picture: number, question: number) => ({ a: [picture, 2], b: [question] });
    const all = [of(1, 1), of(1, 2), of(5, 3), of(1, 4)];
    const budget = new CacheBudget(4 * (2 + 1 + 1 + 2 + 1 + 1)); // two pictures of two floats, and four questions
    let reads = 0;
    const dataset = {
      length: all.length,
      get: (index: number): Sample => {
        reads++;
        return all[index];
      },
    };
    const progress = progressBar(false);
    const model = tinyModel(kind);
    const preparer = SamplePreparer.of(model);
    const options = { key, preparer, cache: budget, name: 'data', progress, ...how };
    const store = await FeatureStore.prepare(model, dataset, options);
    const kept = await store.get([0, 1, 2, 3], 1);
    expect(reads).toBe(4);
    const [first, second, third, fourth] = kept.map(({ features }) => features.a);
    expect([second, fourth]).toEqual([first, first]);
    expect(second).toBe(first);
    expect(fourth).toBe(first);
    expect(third.values.data).toEqual(Float32Array.of(5, 2));
    expect(kept.map(({ features }) => features.b.values.data[0])).toEqual([1, 2, 3, 4]);
  });

  it('knows which samples have equal values of a slot that is compared', async () => {
    const values = [{ a: [1, 2] }, { a: [1, 2] }, { a: [5, 2] }, { a: [1, 2] }];
    const { store } = await prepare(0, { compared: ['a'] }, values);
    const numbers = store.values.map(({ a }) => a);
    expect([numbers[1], numbers[3]]).toEqual([numbers[0], numbers[0]]);
    expect(numbers[2]).not.toBe(numbers[0]);
  });

  it('prepares what augments anew for each epoch, the same for the same epoch', async () => {
    const { store } = await prepare(0.5);
    const values = async (epoch: number) => (await store.get([0], epoch))[0].features.a.values.data;
    expect(await values(1)).toEqual(await values(1));
    expect(await values(1)).not.toEqual(await values(2));
  });

  it('changes values and features of a slot anew for each epoch, and keeps what both begin with where it can', async () => {
    const add = (values: ArrayLike<number>, own: RandomKey) => Array.from(values, (value) => value + own.uniform(1)[0]);
    const of = { modality: 'numbers', config: z.object({}) };
    const value = defineAugmentation({ ...of, name: 'value', create: () => ({ changeValue: add }) });
    const feature = defineAugmentation({
      ...of,
      name: 'feature',
      create: () => ({
        changeFeatures: ({ values }, own) => ({
          values: { ...values, data: Float32Array.from(add(values.data, own)) },
        }),
      }),
    });
    const { store, reads } = await prepare(0, { augment: { a: [feature()], b: [value()] } });
    const at = async (epoch: number) =>
      (await store.get([0, 1, 2], epoch)).map(({ features }) => (features.a ?? features.b).values.data);
    const [first, second] = [await at(1), await at(2)];
    expect(await at(1)).toEqual(first);
    for (const sample of [0, 1, 2]) expect(second[sample]).not.toEqual(first[sample]);
    expect(reads()).toBe(3 + 3); // the one whose value changes, again each time
    const { store: tested } = await prepare(0, { augment: { a: [value()] }, key: undefined as never });
    expect((await tested.get([1], 0))[0].features.a.values.data).toEqual(Float32Array.of(4)); // in evaluation nothing does
  });

  it('augments raw samples for training', async () => {
    const augment = (sample: Sample, own: RandomKey): Sample => ({ ...sample, b: [own.uniform(1)[0]] });
    const { store, reads } = await prepare(0, { augment });
    const [first] = await store.get([0], 1);
    const [second] = await store.get([0], 2);
    expect(first.features.b.values.data).not.toEqual(second.features.b.values.data);
    expect(reads()).toBe(5);
  });
});

describe('watchedKey', () => {
  it('gives the numbers of the key that it watches and tells of draws alone, also from folded keys', () => {
    let draws = 0;
    const watched = watchedKey(key, () => draws++);
    const folded = watched.fold('x').fold(3);
    expect(draws).toBe(0);
    expect(folded.normal(5)).toEqual(key.fold('x').fold(3).normal(5));
    expect(folded.shuffle(5)).toEqual(key.fold('x').fold(3).shuffle(5));
    expect(draws).toBe(2);
  });
});
