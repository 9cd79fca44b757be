import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { balancedWeights } from './balanced-weights';
import { CombinationSampler } from './combination-sampler';
import { ModalityDropoutSampler } from './modality-dropout';
import type { SampleShape } from './sample-shape';

const names = ['image', 'audio', 'text'];
const key = RandomKey.from(11);

/** Samples that have image always, audio and text mostly, with three lengths of text and five of audio. */
function shapes(count: number, missing = 0.3): SampleShape[] {
  return Array.from({ length: count }, (_, index) => {
    const [a, b] = key.fold(index).uniform(2);
    return {
      image: {},
      ...(a >= missing && { audio: { lengths: { frames: 64 * key.fold(index).integer(1, 6) } } }),
      ...(b >= missing && { text: { lengths: { tokens: 16 * key.fold(index).integer(1, 4) } } }),
    };
  });
}

/** The same from another key. */
function shapesOf(count: number, from: RandomKey): SampleShape[] {
  return Array.from({ length: count }, (_, index) => {
    const own = from.fold(index);
    const present = names.filter((name, i) => i === index % 3 || own.fold(name).uniform(1)[0] < 0.6);
    return Object.fromEntries(
      present.map((name) => [name, { lengths: { tokens: 16 * own.fold(name).integer(1, 6) } }]),
    );
  });
}

function restricted(shape: SampleShape, modalities: readonly string[]): SampleShape {
  return Object.fromEntries(modalities.map((name) => [name, shape[name]]));
}

function sampler(of: readonly SampleShape[], batchSize: number, dropout = 0.3) {
  const dropped = new ModalityDropoutSampler(dropout, names);
  return new CombinationSampler(of, {
    batchSize,
    epochs: 20,
    key,
    keep: (present, epoch, index) => dropped.keep(present, key, epoch, index),
  });
}

describe('CombinationSampler', () => {
  it('brings every sample exactly once in an epoch, whatever the sizes', () => {
    for (const [count, batchSize] of [
      [1, 4],
      [37, 8],
      [100, 32],
      [500, 16],
    ]) {
      const indices = sampler(shapes(count), batchSize)
        .epoch(0)
        .flatMap((batch) => batch.indices);
      expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }
  });

  it('keeps samples of a group together, groups in random order', () => {
    const one: SampleShape = { image: {} };
    const group = (index: number) => `picture ${index % 16}`; // six samples each, apart from one another
    const own = new CombinationSampler(new Array<SampleShape>(96).fill(one), { batchSize: 12, epochs: 2, key, group });
    const [first, second] = [own.epoch(0), own.epoch(1)].map((batches) => batches.map(({ indices }) => indices));
    for (const indices of [...first, ...second]) {
      expect(indices).toHaveLength(12);
      expect(new Set(indices.map(group)).size).toBe(2);
    }
    expect(first.flat().sort((a, b) => a - b)).toEqual([...Array(96).keys()]);
    const pairs = (batches: readonly (readonly number[])[]) =>
      batches.map((own) => [...new Set(own.map(group))].sort().join());
    expect(pairs(first).sort()).not.toEqual(pairs(second).sort());
  });

  it('reads each block of samples once in an epoch, however sets and batches lie, and mixes those of many', () => {
    const [count, perBlock, atOnce] = [2000, 20, 10];
    const all = shapes(count);
    const blocks = { blockOf: (index: number) => Math.floor(index / perBlock), atOnce };
    const dropped = new ModalityDropoutSampler(0.3, names);
    const options = { batchSize: 8, epochs: 20, key, blocks };
    const own = new CombinationSampler(all, {
      ...options,
      keep: (present, epoch, index) => dropped.keep(present, key, epoch, index),
    });
    const [first, second] = [own.epoch(0), own.epoch(1)];
    expect(first).toHaveLength(own.batchesPerEpoch);
    for (const batches of [first, second]) {
      expect(batches.flatMap(({ indices }) => indices).sort((a, b) => a - b)).toEqual([...all.keys()]);
      const kept: number[] = []; // as whoever reads them keeps two times as many
      let reads = 0;
      for (const block of batches.flatMap(({ indices }) => indices.map(blocks.blockOf))) {
        if (kept.includes(block)) kept.splice(kept.indexOf(block), 1);
        else reads++;
        kept.push(block);
        if (kept.length > 2 * atOnce) kept.shift();
      }
      expect(reads).toBe(count / perBlock);
    }
    const blocksOf = (batches: typeof first) => [
      ...new Set(batches.slice(0, 12).flatMap(({ indices }) => indices.map(blocks.blockOf))),
    ];
    expect(blocksOf(first)).toHaveLength(atOnce);
    expect(blocksOf(second).sort()).not.toEqual(blocksOf(first).sort());
    expect(own.epoch(1)).toEqual(second);
  });

  it('keeps groups whole where they lie in several blocks, and all samples in one turn where blocks are few', () => {
    const one: SampleShape = { image: {} };
    const group = (index: number) => `picture ${index % 16}`;
    const of = (atOnce: number) =>
      new CombinationSampler(new Array<SampleShape>(96).fill(one), {
        batchSize: 12,
        epochs: 2,
        key,
        group,
        blocks: { blockOf: (index) => Math.floor(index / 8), atOnce },
      });
    for (const { indices } of of(1).epoch(0)) expect(new Set(indices.map(group)).size).toBe(2);
    const free = new CombinationSampler(new Array<SampleShape>(96).fill(one), { batchSize: 12, epochs: 2, key, group });
    expect(of(12).epoch(3)).toEqual(free.epoch(3));
  });

  it('gives each batch one combination, which every sample in it has', () => {
    const all = shapes(300);
    for (const { indices, modalities } of sampler(all, 16).epoch(3)) {
      expect(modalities.length).toBeGreaterThan(0);
      for (const index of indices) for (const modality of modalities) expect(all[index]).toHaveProperty(modality);
    }
  });

  it('fills every batch but one for each set of samples with the same modalities, in every epoch alike', () => {
    const all = shapes(1000);
    const own = sampler(all, 32);
    const sets = new Map<string, number>();
    for (const shape of all) sets.set(Object.keys(shape).join(), (sets.get(Object.keys(shape).join()) ?? 0) + 1);
    const rest = [...sets.values()].map((size) => size % 32).filter((size) => size > 0);
    for (let epoch = 0; epoch < 4; epoch++) {
      const plan = own.epoch(epoch);
      expect(plan).toHaveLength(own.batchesPerEpoch);
      const partial = plan.map(({ indices }) => indices.length).filter((size) => size < 32);
      expect(partial.sort()).toEqual(rest.sort());
    }
  });

  it('keeps the number of different shapes bounded, however many epochs', () => {
    const all = shapes(1024, 0);
    const own = sampler(all, 32);
    const programs = new Set<string>();
    for (let epoch = 0; epoch < 20; epoch++) {
      for (const batch of own.epoch(epoch)) {
        const lengths = own.lengths(
          batch,
          batch.indices.map((index) => restricted(all[index], batch.modalities)),
        );
        programs.add(JSON.stringify([batch.modalities, lengths, batch.indices.length]));
      }
    }
    // Seven combinations, one of which has no lengths, in at most four levels each. With every length for itself there would be
    // 1 + 5 + 3 + 15 + 5 + 3 + 15 = 47 shapes.
    expect(programs.size).toBeLessThanOrEqual(1 + 6 * 4);
    expect(new Set([...programs].map((name) => JSON.parse(name)[2]))).toEqual(new Set([32]));
  });

  it('puts rows of like length together: only batches on the border of two lengths mix them', () => {
    const tokens = (index: number) => [16, 32, 48][index % 3];
    const all = Array.from({ length: 320 }, (_, i) => ({ text: { lengths: { tokens: tokens(i) } } }));
    const plan = new CombinationSampler(all, { batchSize: 32, epochs: 20, key }).epoch(0);
    const mixed = plan.filter(({ indices }) => new Set(indices.map(tokens)).size > 1);
    expect(mixed.length).toBeLessThanOrEqual(2);
  });

  it('gives each combination its expected share, rare ones too, though batches are full', () => {
    const all: SampleShape[] = Array.from({ length: 40 }, () => ({ image: {}, audio: {} }));
    const dropout = new ModalityDropoutSampler({ audio: 0.05 }, names);
    const own = new CombinationSampler(all, {
      batchSize: 32,
      epochs: 4000,
      key,
      keep: (present, epoch, index) => dropout.keep(present, key, epoch, index),
    });
    let alone = 0;
    const epochs = 4000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { indices, modalities } of own.epoch(epoch)) if (modalities.length === 1) alone += indices.length;
    }
    // Batches of 32 and of 8 are drawn as a whole. The share of an epoch has a standard deviation of at most
    // √(0.05 · 0.95) = 0.22; four standard errors over 4,000 epochs are 0.014.
    expect(Math.abs(alone / (epochs * 40) - 0.05)).toBeLessThan(0.014);
  });

  it('never puts samples together that differ in what cannot be padded', () => {
    const all = Array.from({ length: 100 }, (_, i) => ({
      image: { fixed: [480, [640, 720, 800][i % 3]] },
      text: { lengths: { tokens: 16 * (1 + (i % 2)) } },
    }));
    const own = new CombinationSampler(all, { batchSize: 8, epochs: 2, key });
    const plan = own.epoch(0);
    expect(plan).toHaveLength(own.batchesPerEpoch);
    expect(plan.flatMap(({ indices }) => indices).sort((a, b) => a - b)).toEqual([...all.keys()]);
    for (const { indices } of plan) expect(new Set(indices.map((index) => index % 3)).size).toBe(1);
  });

  it('orders batches and rows anew in each epoch, and the same in the same epoch', () => {
    const all = shapes(200);
    expect(sampler(all, 16).epoch(2)).toEqual(sampler(all, 16).epoch(2));
    expect(sampler(all, 16).epoch(2)).not.toEqual(sampler(all, 16).epoch(3));
  });

  it('puts targets into the levels of a batch, and apart what of them cannot be padded, but not samples without', () => {
    const all: SampleShape[] = Array.from({ length: 64 }, (_, i) => ({
      image: {},
      ...(i % 2 === 0 && { 'targets.caption': { lengths: { tokens: i % 4 === 0 ? 8 : 32 } } }),
    }));
    const own = sampler(all, 16, 0);
    expect(own.batchesPerEpoch).toBe(4); // one set: those without a caption among them
    for (const batch of own.epoch(0)) {
      const shapes = batch.indices.map((index) => all[index]);
      const lengths = own.lengths(batch, shapes)['targets.caption'].tokens;
      expect([0, 8, 32]).toContain(lengths);
      for (const index of batch.indices) {
        expect(all[index]['targets.caption']?.lengths?.tokens ?? 0).toBeLessThanOrEqual(lengths);
      }
    }
    const pictures: SampleShape[] = all.map((_, i) => ({
      image: {},
      'targets.picture': { fixed: [i % 2 === 0 ? 4 : 8] },
    }));
    for (const { indices, modalities } of sampler(pictures, 16, 0).epoch(0)) {
      expect(modalities).toEqual(['image']);
      expect(new Set(indices.map((index) => JSON.stringify(pictures[index]['targets.picture'].fixed))).size).toBe(1);
    }
  });
});

describe('CombinationSampler with balanced classes', () => {
  /** Any sizes of classes, any modalities, budgets and batches; enough samples for each class to come forty times. */
  function balancedConfig(seed: number) {
    const own = RandomKey.from(seed).fold('balanced');
    const classCount = own.fold('classes').integer(2, 7);
    const shares = own.fold('shares').uniform(classCount);
    const count = classCount * 40 + own.fold('count').integer(0, 300);
    const limits = shares.map((_, last) => shares.slice(0, last + 1).reduce((sum, share) => sum + share + 0.05, 0));
    const draws = own.fold('draws').uniform(count);
    const classes = Array.from(draws, (draw) => limits.findIndex((limit) => draw * limits.at(-1)! <= limit));
    const shapes = shapesOf(count, own.fold('shapes'));
    const dropout = new ModalityDropoutSampler(seed % 2 ? 0.3 : 0, names);
    return {
      classes,
      sampler: new CombinationSampler(shapes, {
        batchSize: own.fold('batch').integer(2, 40),
        epochs: 3,
        key: own,
        weights: balancedWeights(classes),
        strata: classes,
        keep: (present, epoch, index) => dropout.keep(present, own, epoch, index),
      }),
    };
  }

  it('has an imbalance below 15 % in what is emitted, in every epoch of any data', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { classes, sampler } = balancedConfig(seed);
      const known = [...new Set(classes)];
      for (let epoch = 0; epoch < 3; epoch++) {
        const plan = sampler.epoch(epoch);
        expect(plan).toHaveLength(sampler.batchesPerEpoch);
        const emitted = plan.flatMap(({ indices }) => indices);
        const counts = known.map((own) => emitted.filter((index) => classes[index] === own).length);
        expect((Math.max(...counts) - Math.min(...counts)) / Math.max(...counts)).toBeLessThan(0.15);
      }
    }
  });

  it('spreads what comes several times over the epoch: hardly a batch has a sample twice', () => {
    const classes = Array.from({ length: 400 }, (_, index) => (index < 20 ? 1 : 0)); // ten times each of the rare
    const weights = balancedWeights(classes);
    const own = new CombinationSampler(new Array<SampleShape>(400).fill({ image: {} }), {
      ...{ batchSize: 8, epochs: 1, key, weights, strata: classes },
    });
    const plan = own.epoch(0);
    const twice = plan.filter(({ indices }) => new Set(indices).size < indices.length);
    expect(twice.length).toBeLessThan(plan.length / 2); // four of eight are drawn from 20: two alike in 28 % of the batches
  });
});

describe('CombinationSampler with weights', () => {
  const shapes = Array.from({ length: 120 }, (_, i): SampleShape => (i % 3 === 0 ? { a: {} } : { a: {}, b: {} }));
  const classes = shapes.map((_, i) => (i % 10 === 0 ? 1 : i % 4 === 0 ? 2 : 3)); // 12, 24 and 84 samples
  const weights = balancedWeights(classes);
  const sampler = new CombinationSampler(shapes, { batchSize: 8, epochs: 3, key: RandomKey.from(3), weights });

  it('has every class equally often in each epoch, to within a sample for each set, and each sample as its weight asks', () => {
    for (let epoch = 0; epoch < 3; epoch++) {
      const batches = sampler.epoch(epoch);
      expect(batches).toHaveLength(sampler.batchesPerEpoch);
      const emitted = batches.flatMap(({ indices }) => indices);
      expect(Math.abs(emitted.length - 120)).toBeLessThanOrEqual(1);
      const counts = [1, 2, 3].map((own) => emitted.filter((index) => classes[index] === own).length);
      expect((Math.max(...counts) - Math.min(...counts)) / Math.max(...counts)).toBeLessThan(0.15);
      for (const [index, weight] of weights.entries()) {
        const times = emitted.filter((own) => own === index).length;
        expect(times).toBeGreaterThanOrEqual(Math.floor(weight * 0.95));
        expect(times).toBeLessThanOrEqual(Math.ceil(weight * 1.05));
      }
    }
    const seen = new Set(
      Array.from({ length: 12 }, (_, epoch) => sampler.epoch(epoch))
        .flat()
        .flatMap(({ indices }) => indices),
    );
    expect(seen.size).toBe(120); // the frequent ones, too, come now and then
  });

  it('gives 1 on average, and to a sample without a class', () => {
    expect(balancedWeights([5, 5, 5, 7, undefined])).toEqual([2 / 3, 2 / 3, 2 / 3, 2, 1]);
  });
});
