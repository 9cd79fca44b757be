import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { progressBar } from '../progress';
import { tinyModel, tinySamples } from '../testing/tiny-model';
import { CacheBudget } from './cache-budget';
import { CombinationSampler } from './combination-sampler';
import { FeatureStore } from './feature-store';
import { SamplePreparer } from './preparing/sample-preparer';
import type { Ratios } from './ratio-turns';
import { type SourceBatch, type SourcePositions, StageBatches } from './stage-batches';

const key = RandomKey.from(2);

/** Batches of sources with so many samples each, two to a batch. */
async function batchesOf(counts: Readonly<Record<string, number>>, ratios?: Ratios): Promise<StageBatches> {
  const model = tinyModel();
  const sources = Object.entries(counts).map(async ([name, count]) => {
    const samples = tinySamples(count);
    const dataset = { length: count, get: (index: number) => samples[index] };
    const preparer = SamplePreparer.of(model);
    const options = { preparer, cache: new CacheBudget(1e6), name, progress: progressBar(false) };
    const store = await FeatureStore.prepare(model, dataset, options);
    const sampler = new CombinationSampler(store.shapes, { batchSize: 2, epochs: 2, key });
    return { name, store, sampler, tokensAtRandom: 0 };
  });
  return new StageBatches(await Promise.all(sources), key, ratios);
}

const startOf = (...names: string[]): SourcePositions =>
  Object.fromEntries(names.map((name) => [name, { epoch: 0, batch: 0 }]));
const named = (batches: readonly SourceBatch[]) =>
  batches.map(({ source, indices }) => `${source.name} ${indices.join()}`);

describe('StageBatches', () => {
  it('has every sample of every source once an epoch, each batch of one source, and mixes the sources', async () => {
    const batches = await batchesOf({ few: 4, many: 12 });
    const plan = batches.rest(startOf('few', 'many'));
    expect(plan).toHaveLength(batches.perEpoch);
    for (const [name, count] of [
      ['few', 4],
      ['many', 12],
    ] as const) {
      const seen = plan.filter(({ source }) => source.name === name).flatMap(({ indices }) => indices);
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }
    const turns = plan.map(({ source }) => source.name).join(' ');
    expect(turns).not.toMatch(/^(few )*(many ?)*$|^(many )*(few ?)*$/);
  });

  it('gives the same rest from wherever the sources stand', async () => {
    const batches = await batchesOf({ a: 5, b: 7, c: 2 });
    let at = startOf('a', 'b', 'c', 'unused');
    for (let epoch = 0; epoch < 2; epoch++) {
      const plan = batches.rest(at);
      for (let taken = 0; taken <= plan.length; taken++) {
        const then = batches.after(at, plan.slice(0, taken));
        expect(named(batches.rest(then))).toEqual(named(plan.slice(taken)));
      }
      at = batches.afterEpoch(batches.after(at, plan));
      expect(at.a).toEqual({ epoch: epoch + 1, batch: 0 });
    }
    expect(at.unused).toEqual({ epoch: 0, batch: 0 });
  });

  it('goes on in another order in the next epoch, also in the one after an epoch that was cut', async () => {
    const batches = await batchesOf({ a: 16, b: 16 });
    const first = startOf('a', 'b');
    const cut = batches.afterEpoch(batches.after(first, batches.rest(first).slice(0, 3)));
    expect(named(batches.rest(cut))).not.toEqual(named(batches.rest(first)));
    const turns = (at: SourcePositions) => batches.rest(at).map(({ source }) => source.name);
    expect(turns(cut)).not.toEqual(turns(first));
    expect(named(batches.rest(cut)).sort()).not.toEqual(named(batches.rest(first)).sort());
  });
});

describe('StageBatches with ratios', () => {
  const counts = { text: 6, image: 8, audio: 14 }; // 3, 4 and 7 batches
  const names = Object.keys(counts);

  /** The batches of some epochs. */
  const stream = (batches: StageBatches, epochs: number): SourceBatch[] => {
    let at = startOf(...names);
    return Array.from({ length: epochs }, () => {
      const plan = batches.rest(at);
      at = batches.afterEpoch(batches.after(at, plan));
      return plan;
    }).flat();
  };

  it.each<Ratios>([
    { text: 1, image: 3, audio: 1 },
    { text: 2, image: 3, audio: 5 },
    { text: 4, image: 2, audio: 6 },
    { text: 1, image: 1, audio: 1 },
  ])('has %o in every window of a round, also over the border of epochs', async (ratios) => {
    const turns = stream(await batchesOf(counts, ratios), 3).map(({ source }) => source.name);
    const divisor = Object.values(ratios).every((own) => own % 2 === 0) ? 2 : 1;
    const length = Object.values(ratios).reduce((sum, own) => sum + own, 0) / divisor;
    for (let start = 0; start + length <= turns.length; start++) {
      const window = turns.slice(start, start + length);
      for (const name of names) {
        expect(window.filter((own) => own === name)).toHaveLength(ratios[name] / divisor);
      }
    }
  });

  it('has any ratios in every window of a round, and the same stream from wherever it is gone on with', async () => {
    const draw = RandomKey.from(8);
    for (let seed = 0; seed < 12; seed++) {
      const own = draw.fold(seed);
      const ratios = Object.fromEntries(names.map((name) => [name, own.fold(name).integer(1, 7)]));
      const batches = await batchesOf(counts, ratios);
      const plan = stream(batches, 2);
      const turns = plan.map(({ source }) => source.name);
      const length = names.reduce((sum, name) => sum + ratios[name], 0); // some rounds, where ratios have a common divisor
      for (let start = 0; start + length <= turns.length; start++) {
        const window = turns.slice(start, start + length);
        for (const name of names) expect(window.filter((one) => one === name)).toHaveLength(ratios[name]);
      }
      const first = batches.rest(startOf(...names));
      const taken = own.fold('taken').integer(0, first.length);
      const rest = batches.rest(batches.after(startOf(...names), first.slice(0, taken)));
      expect(named(rest)).toEqual(named(first.slice(taken)));
    }
  });

  it('goes through each source time after time: no sample comes again before all others have', async () => {
    const all = stream(await batchesOf(counts, { text: 1, image: 3, audio: 1 }), 3);
    for (const [name, count] of Object.entries(counts)) {
      const seen = all.filter(({ source }) => source.name === name).flatMap(({ indices }) => indices);
      for (let start = 0; start + count <= seen.length; start += count) {
        expect([...seen.slice(start, start + count)].sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, i) => i),
        );
      }
      const passes = all.filter(({ source }) => source.name === name).map(({ epoch }) => epoch);
      expect(passes).toEqual([...passes].sort((a, b) => a - b));
    }
    const once = (await batchesOf(counts, { text: 1, image: 3, audio: 1 })).rest(startOf(...names));
    for (const [name, count] of Object.entries(counts)) {
      expect(new Set(once.filter(({ source }) => source.name === name).flatMap(({ indices }) => indices)).size).toBe(
        count,
      );
    }
  });

  it('is the same stream from wherever it is gone on with, and balances what is emitted', async () => {
    const batches = await batchesOf(counts, { text: 1, image: 1, audio: 1 });
    let at = startOf(...names);
    for (let epoch = 0; epoch < 2; epoch++) {
      const plan = batches.rest(at);
      for (let taken = 0; taken <= plan.length; taken++) {
        expect(named(batches.rest(batches.after(at, plan.slice(0, taken))))).toEqual(named(plan.slice(taken)));
      }
      at = batches.afterEpoch(batches.after(at, plan));
    }
    const emitted = names.map(
      (name) =>
        batches
          .rest(at)
          .filter(({ source }) => source.name === name)
          .flatMap(({ indices }) => indices).length,
    );
    expect((Math.max(...emitted) - Math.min(...emitted)) / Math.max(...emitted)).toBeLessThanOrEqual(0.15);
  });
});
