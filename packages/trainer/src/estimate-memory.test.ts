import { readdirSync } from 'node:fs';
import { defineAugmentation, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { estimateMemory } from './estimate-memory';
import { stagedModel, stagedRun } from './testing/staged-run';
import { temporaryFolder } from './testing/temporary-folder';
import { tinyModel, tinySamples } from './testing/tiny-model';

describe('estimateMemory', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('tries every stage on some samples, writes nothing, and adds the features that are still to come', async () => {
    const directory = temporaryFolder();
    const mostSoFar = () => process.resourceUsage().maxRSS * 1024; // of this process, as the system counts it
    const before = mostSoFar();
    const small = await estimateMemory(stagedModel(), { ...stagedRun, directory, tensorboard: true });
    expect(readdirSync(directory)).toEqual([]);
    expect(small.features).toBe(0);
    expect(small.peak).toBe(small.steps);
    expect(small.steps).toBeGreaterThanOrEqual(before);
    expect(small.steps).toBeLessThanOrEqual(mostSoFar());

    const [sample] = tinySamples(1);
    let reads = 0;
    const get = () => {
      reads++;
      return sample;
    };
    const data = { length: 100_512, get };
    const large = await estimateMemory(tinyModel(), { data, batchSize: 32, epochs: 3 });
    expect(reads).toBeLessThan(2000);
    // 100,000 samples of three sequences of numbers in float32, and an int32
    const bytes = ['a', 'b', 'c'].reduce(
      (sum, slot) => sum + 4 * (sample as never as Record<string, number[]>)[slot].length,
      4,
    );
    expect(large.features).toBe(100_000 * bytes);
    expect(large.peak).toBe(large.steps + large.features);
    const bounded = await estimateMemory(tinyModel(), { data, cacheBytes: 1000 });
    expect(bounded.features).toBe(1000);
  });

  it('takes sources and samples to evaluate on for what each of them is, with the weights of those that are tried', async () => {
    const [short, long] = [[1], [1, 2, 3, 4]].map((a) => ({ a, targets: { digit: 1 } }));
    const bytesOf = ({ a }: typeof short) => 4 * a.length + 4;
    const many = (sample: typeof short, length: number) => ({ length, get: () => sample });
    const options = {
      data: { short: many(short, 1512), long: many(long, 612) },
      evaluate: many(long, 522),
      weights: { long: new Float32Array(612).fill(2) },
      batchSize: 512,
    };
    const { features } = await estimateMemory(tinyModel({ modalities: ['a'] }), options);
    expect(features).toBe(1000 * bytesOf(short) + 100 * bytesOf(long) + 10 * bytesOf(long));
  });

  it('sees what comes late in the data, with its neighbours', async () => {
    const seen = new Set<number>();
    const get = (index: number) => {
      seen.add(index);
      return { a: [1], ...(index >= 2000 && { targets: { digit: 1 } }) };
    };
    const { features } = await estimateMemory(tinyModel({ modalities: ['a'] }), {
      data: { length: 2512, get },
      weights: Array.from({ length: 2512 }, (_, index) => index + 1),
      batchSize: 512,
    });
    expect(features).toBe(2000 * (4 + 4 * (6 / 32))); // of 32 samples, one in 78.5, six are behind the 2,000th
    const runs = [0, 2496].flatMap((start) => Array.from({ length: 16 }, (_, place) => start + place));
    expect([...seen]).toEqual(expect.arrayContaining(runs));
  });

  it('adds what will be kept of values that come again, of each once, and within its bound', async () => {
    const keptOf = async (valueAt: (index: number) => number, frozenCacheBytes = 2 ** 20) => {
      const model = tinyModel({ modalities: ['a', 'b'] });
      model.fusion.start = () => ({
        slot: 'a',
        uses: () => true,
        compute: ({ rows }) => ({ start: tf.ones([rows.length, 3]) }), // 12 bytes
      });
      const get = (index: number) => ({ a: [valueAt(index)], b: [index], targets: { digit: 1 } });
      const options = { data: { length: 2560, get }, batchSize: 32, freeze: ['encoders.a'], frozenCacheBytes };
      return (await estimateMemory(model, options)).kept;
    };
    const tried = 12 * 32; // rows of the steps, kept already
    expect(await keptOf((index) => index)).toBe(12 * (2560 - tried));
    expect(await keptOf((index) => index % 8)).toBe(0);
    expect(await keptOf((index) => index, 10_000)).toBe(10_000 - 12 * tried);
    const inPairs = await keptOf((index) => Math.floor(index / 2)); // 1280, in the order of the data
    expect(inPairs / 12).toBeGreaterThan(1280 - tried);
    expect(inPairs / 12).toBeLessThan(1.2 * 1280 - tried / 2);
    const atRandom = await keptOf((index) => RandomKey.from(0).fold(index).integer(0, 1000)); // nearly all of them
    expect(atRandom / 12).toBeGreaterThan(0.7 * 1000 - tried);
    expect(atRandom / 12).toBeLessThan(1.3 * 1000 - tried / 2);
  });

  it('encodes by frozen towers what is tried, keeps it, and adds what others will take', async () => {
    const get = (index: number) => ({ a: [index, 1, 1, 1], b: [index % 4], targets: { digit: 1 } });
    const directory = temporaryFolder();
    const model = tinyModel({ modalities: ['a', 'b'] });
    model.fusion.encodesWhole = (slot) => slot === 'a';
    const data = { length: 1024, get };
    const given = { data, batchSize: 32, freeze: ['encoders.a'], frozenTowers: 'float32' } as const;
    const { kept } = await estimateMemory(model, { ...given, towerCache: directory });
    const { hiddenSize, pooledSize } = model.encoders.a;
    expect(kept).toBe(512 * 4 * (4 * hiddenSize + 4 + pooledSize)); // four tokens, their mask, and a vector
    expect(readdirSync(directory)).toEqual([]);
    expect((await estimateMemory(model, { ...given, towerCache: false })).kept).toBe(0);
  });

  it('adds what files will take that are kept as they were decoded, each of them once, and within its bound', async () => {
    const moved = defineAugmentation({
      name: 'moved',
      modality: 'numbers',
      config: z.object({}),
      create: () => ({
        changeValue: (values: ArrayLike<number>, key) => Array.from(values, (own) => own + key.normal(1)[0]),
      }),
    });
    const decodedOf = async (decodedCacheBytes: number, samplesOfFile = 1) => {
      const model = tinyModel({ modalities: ['a'] });
      const processor = model.processors.a as {
        read?: (raw: unknown) => unknown;
        process(...args: unknown[]): unknown;
      };
      const process = processor.process.bind(processor);
      processor.read = () => Float32Array.of(1, 2, 3);
      processor.process = (raw, ...rest) => process(typeof raw === 'string' ? [1, 2, 3] : raw, ...rest);
      const get = (index: number) => ({ a: `${Math.floor(index / samplesOfFile)}.numbers`, targets: { digit: 1 } });
      const options = { data: { length: 1024, get }, batchSize: 16, augment: { a: [moved()] }, decodedCacheBytes };
      return (await estimateMemory(model, options)).decoded;
    };
    expect(await decodedOf(2 ** 20)).toBe(512 * 12);
    expect(await decodedOf(600 * 12)).toBe(88 * 12);
    expect(await decodedOf(2 ** 20, 8)).toBeLessThan(1.3 * (512 / 8) * 12); // runs begin in the middle of a file's
  });

  it('refuses what train does', async () => {
    await expect(estimateMemory(tinyModel(), { data: [] })).rejects.toThrow(/^train\.data/);
    const get = (index: number) => ({ a: [1], targets: { digit: index === 1995 ? 99 : 1 } });
    const tried = estimateMemory(tinyModel(), { data: tinySamples(20), evaluate: { length: 2000, get } });
    await expect(tried).rejects.toThrow('evaluate, sample 1995'); // of all, not of those that are tried
  });
});
