import { ConfigError, type Lengths, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { BatchBudget, type BatchCost } from './batch-budget';
import { CombinationSampler, type CombinationSamplerOptions } from './combination-sampler';
import { ModalityDropoutSampler } from './modality-dropout';
import type { SampleShape } from './sample-shape';

const names = ['image', 'audio', 'text'];

/** A picture has 49 tokens, sound one for every four frames, a text as many as it says. */
function tokensOf(modalities: readonly string[], lengths: Readonly<Record<string, Lengths>>): number {
  const own = { image: 49, audio: (lengths.audio?.frames ?? 0) / 4, text: lengths.text?.tokens ?? 0 };
  return modalities.reduce((sum, name) => sum + own[name as keyof typeof own], 0);
}

const counter: BatchCost = {
  unit: 'tokens',
  of: (rows, _, modalities, lengths) => rows * tokensOf(modalities, lengths),
};

/** Samples with any of three modalities, two of which have lengths that are mostly short and sometimes long. */
function drawnShapes(count: number, key: RandomKey, missing: number): SampleShape[] {
  return Array.from({ length: count }, (_, index) => {
    const own = key.fold(index);
    const present = names.filter((name, i) => i === index % 3 || own.fold(name).uniform(1)[0] >= missing);
    const long = (name: string) => Math.ceil(Math.exp(0.8 * own.fold('length').fold(name).normal(1)[0]) * 3);
    const shapes = {
      image: {},
      audio: { lengths: { frames: 64 * Math.min(long('audio'), 20) } },
      text: { lengths: { tokens: 16 * Math.min(long('text'), 16) } },
    };
    return Object.fromEntries(present.map((name) => [name, shapes[name as keyof typeof shapes]]));
  });
}

function configOf(seed: number) {
  const key = RandomKey.from(seed);
  const [dropped, missing] = key.fold('shares').uniform(2);
  const shapes = drawnShapes(key.fold('count').integer(1, 400), key, missing);
  const tokens = 1000 + key.fold('tokens').integer(0, 4000);
  const dropout = new ModalityDropoutSampler(seed % 3 === 0 ? 0 : 0.6 * dropped, names);
  const options: CombinationSamplerOptions = {
    batchSize: new BatchBudget(tokens, counter, 'train.batchSize'),
    epochs: key.fold('epochs').integer(1, 30),
    key,
    keep: (present, epoch, index) => dropout.keep(present, key, epoch, index),
    ...(seed % 4 === 1 && { weights: shapes.map((_, index) => (index % 5 === 0 ? 3 : 0.5)) }),
  };
  return {
    shapes,
    tokens,
    isWeighted: options.weights !== undefined,
    sampler: new CombinationSampler(shapes, options),
  };
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe('a budget of tokens', () => {
  it('is kept by every batch of every epoch, in as many batches, with every sample once', () => {
    for (const seed of seeds) {
      const { shapes, tokens, isWeighted, sampler } = configOf(seed);
      for (let epoch = 0; epoch < 3; epoch++) {
        const plan = sampler.epoch(epoch);
        expect(plan).toHaveLength(sampler.batchesPerEpoch);
        for (const batch of plan) {
          const own = batch.indices.map((index) => shapes[index]);
          const lengths = sampler.lengths(batch, own);
          expect(batch.indices.length * tokensOf(batch.modalities, lengths)).toBeLessThanOrEqual(tokens);
          for (const shape of own) {
            for (const name of batch.modalities) {
              expect(shape).toHaveProperty(name);
              const [[length, value] = ['', 0]] = Object.entries(shape[name].lengths ?? {});
              expect(value).toBeLessThanOrEqual(lengths[name]?.[length] ?? 0);
            }
          }
        }
        const emitted = plan.flatMap(({ indices }) => indices);
        if (!isWeighted) expect(emitted.sort((a, b) => a - b)).toEqual([...shapes.keys()]);
      }
    }
  });

  it('gives a combination the more rows the fewer tokens it has, in few shapes', () => {
    const shapes = drawnShapes(3000, RandomKey.from(1), 0.4);
    const budget = new BatchBudget(4096, counter, '');
    const sampler = new CombinationSampler(shapes, { batchSize: budget, epochs: 10, key: RandomKey.from(2) });
    const programs = new Map<string, { rows: number; tokens: number }>();
    for (const batch of [0, 1, 2].flatMap((epoch) => sampler.epoch(epoch))) {
      const lengths = sampler.lengths(
        batch,
        batch.indices.map((index) => shapes[index]),
      );
      const rows = batch.indices.length;
      const tokens = rows * tokensOf(batch.modalities, lengths);
      programs.set(JSON.stringify([batch.modalities, lengths, rows]), { rows, tokens });
    }
    // Seven combinations in at most four levels, one of them without lengths; of each at most one remainder.
    expect(programs.size).toBeLessThanOrEqual(2 * (6 * 4 + 1));
    const rows = [...programs.values()].map((own) => own.rows);
    expect(Math.max(...rows) / Math.min(...rows)).toBeGreaterThan(8);
    const full = [...programs.values()].filter(({ tokens }) => tokens > 0.75 * 4096);
    expect(full.length).toBeGreaterThan(programs.size / 3);
  });

  it('pads batches to their own longest samples where layers are compiled, within the same budget', () => {
    const shapes = drawnShapes(2000, RandomKey.from(1), 0.4);
    const computed = (['steps', 'layers'] as const).map((programs) => {
      const budget = new BatchBudget(4096, counter, '');
      const sampler = new CombinationSampler(shapes, {
        batchSize: budget,
        epochs: 2,
        key: RandomKey.from(2),
        programs,
      });
      return sampler.epoch(0).reduce((sum, batch) => {
        const own = batch.indices.map((index) => shapes[index]);
        const lengths = sampler.lengths(batch, own);
        const tokens = own.length * tokensOf(batch.modalities, lengths);
        expect(tokens).toBeLessThanOrEqual(4096);
        for (const name of programs === 'layers' ? batch.modalities : []) {
          for (const [length, value] of Object.entries(lengths[name] ?? {})) {
            expect(value).toBe(Math.max(...own.map((shape) => shape[name].lengths![length])));
          }
        }
        return sum + tokens;
      }, 0);
    });
    expect(computed[1]).toBeLessThan(0.9 * computed[0]);
  });

  it('cuts a set evenly, so that its last batch is hardly smaller', () => {
    const shapes = new Array<SampleShape>(100).fill({ image: {} });
    const budget = new BatchBudget(49 * 32, counter, '');
    const sampler = new CombinationSampler(shapes, { batchSize: budget, epochs: 1, key: RandomKey.from(2) });
    expect(sampler.epoch(0).map(({ indices }) => indices.length)).toEqual([25, 25, 25, 25]);
  });

  it('is refused where it does not hold one sample, with what that needs', () => {
    const shapes: SampleShape[] = [{ image: {}, text: { lengths: { tokens: 500 } } }];
    const budget = new BatchBudget(512, counter, 'train.batchSize');
    const make = () => new CombinationSampler(shapes, { batchSize: budget, epochs: 1, key: RandomKey.from(2) });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(/^train\.batchSize\.tokens: .*at least 549.*image, text.*512/);
  });
});
