import { readdirSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
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

  it('refuses what train does', async () => {
    await expect(estimateMemory(tinyModel(), { data: [] })).rejects.toThrow(/^train\.data/);
  });
});
