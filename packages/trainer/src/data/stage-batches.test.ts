import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { progressBar } from '../progress';
import { tinyModel, tinySamples } from '../testing/tiny-model';
import { CacheBudget } from './cache-budget';
import { CombinationSampler } from './combination-sampler';
import { FeatureStore } from './feature-store';
import { type SourceBatch, type SourcePositions, StageBatches } from './stage-batches';

const key = RandomKey.from(2);

/** Batches of sources with so many samples each, two to a batch. */
async function batchesOf(counts: Readonly<Record<string, number>>): Promise<StageBatches> {
  const model = tinyModel();
  const sources = Object.entries(counts).map(async ([name, count]) => {
    const samples = tinySamples(count);
    const dataset = { length: count, get: (index: number) => samples[index] };
    const options = { cache: new CacheBudget(1e6), name, progress: progressBar(false) };
    const store = await FeatureStore.prepare(model, dataset, options);
    return { name, store, sampler: new CombinationSampler(store.shapes, { batchSize: 2, epochs: 2, key }) };
  });
  return new StageBatches(await Promise.all(sources), key);
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
