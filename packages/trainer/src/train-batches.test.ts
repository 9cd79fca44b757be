import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { firstBatch } from './data/first-batch';
import { KeptBytes } from './data/kept-bytes';
import { temporaryFolder } from './testing/temporary-folder';
import { tinyModel, tinySamples } from './testing/tiny-model';
import { recorder } from './testing/tiny-run';
import { train } from './train';

beforeAll(() => tf.setBackend('cpu'));

const root = temporaryFolder();
type Numbers = readonly number[];

/** Samples with one value of `b` or two. */
const samples = (count: number, seed: number) =>
  tinySamples(count, seed, 0.4).map((sample, index) => {
    const { b } = sample as { readonly b?: Numbers };
    return { ...sample, ...(b && { b: index % 2 ? [b] : [b, b] }) };
  });

/** All that decides what is in a batch, at once. */
const options = {
  data: { first: samples(22, 3), second: samples(18, 4) },
  batchSize: { tokens: 80 },
  ratios: { first: 3, second: 1 },
  balance: 'digit',
  together: 'a',
  modalityDropout: 0.2,
  accumulate: 2,
  learningRate: 0.02,
  checkpointEvery: { steps: 1 },
  progress: false,
  stages: [{ epochs: 2 }, { epochs: 1, batchSize: { bytes: 12_000 }, ratios: false, balance: false }],
} as const;

const modelOf = () => tinyModel({ noise: 0.1, several: ['b'] });
const read = (directory: string) => readFileSync(join(directory, 'model/model.safetensors'));
const stepsOf = (directory: string) =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8').replaceAll(
    /"pace":\{[^}]*\}|"(seconds|dataWait)":[\d.e+-]+/g,
    '',
  );

describe('a training within a budget', () => {
  it('goes on from any step to the same bytes, whatever else decides what is in a batch', async () => {
    const straight = join(root, 'straight');
    const { steps } = await train(modelOf(), { ...options, directory: straight });
    const directory = join(root, 'stopped');
    for (let stops = 0; ; stops++) {
      const controller = new AbortController();
      let taken = 0;
      const augment = <S>(sample: S) => {
        if (++taken === 40 + 80) controller.abort(); // after the first look at each
        return sample;
      };
      const { status } = await train(modelOf(), { ...options, directory, signal: controller.signal, augment });
      if (status === 'finished') {
        expect(stops).toBeGreaterThan(0);
        break;
      }
      expect(stops).toBeLessThan(steps);
    }
    expect(read(directory).equals(read(straight))).toBe(true);
    expect(stepsOf(directory)).toBe(stepsOf(straight));
  });

  it('says what was padding, and what random batches would have computed', async () => {
    const { stream, text } = recorder();
    const data = tinySamples(60, 3, 0.4);
    const result = await train(tinyModel(), { data, batchSize: { tokens: 64 }, epochs: 2, progress: stream });
    const { taken, computed, atRandom } = result.tokens;
    // an encoder that does not say how many tokens take part: all of a sample's bucket of four
    const lengths = data.flatMap(({ targets: _, ...slots }) =>
      Object.values(slots as Record<string, Numbers>).map((own) => own.length),
    );
    expect(taken).toBe(2 * lengths.map((length) => 4 * Math.ceil(length / 4)).reduce((sum, own) => sum + own, 0));
    expect(computed).toBeGreaterThanOrEqual(taken);
    expect(atRandom).toBeGreaterThan(1.1 * computed);
    expect(result.epochs.map(({ tokens }) => tokens.taken)).toEqual([taken / 2, taken / 2]);
    const padding = (100 * (1 - taken / computed)).toFixed(1);
    expect(text()).toContain(`${padding} % of all tokens were padding; random batches would have had`);
  });

  it('has a first batch that can be tried before', async () => {
    const data = { length: 30, get: (index: number) => tinySamples(30, 3)[index] };
    const tokens = (count: number) =>
      ['a', 'b', 'c'].map((slot) => {
        const lengths = tinySamples(30, 3)
          .slice(0, count)
          .map((own) => (own as unknown as Record<string, Numbers>)[slot].length);
        return count * 4 * Math.ceil(Math.max(...lengths) / 4);
      });
    const count = (await firstBatch(tinyModel(), data, { batchSize: { tokens: 150 } })).samples.length;
    const sum = (own: readonly number[]) => own.reduce((total, value) => total + value, 0);
    expect(sum(tokens(count))).toBeLessThanOrEqual(150);
    expect(sum(tokens(count + 1))).toBeGreaterThan(150);
    expect((await firstBatch(tinyModel(), data, { batchSize: 7 })).samples).toHaveLength(7);
  });

  it('is refused before it begins where one sample has more', async () => {
    const training = train(tinyModel(), { data: tinySamples(9), batchSize: { tokens: 8 }, progress: false });
    await expect(training).rejects.toThrow(ConfigError);
    await expect(training).rejects.toThrow(/^train\.batchSize\.tokens: /);
    const inBytes = train(tinyModel(), { data: tinySamples(9), batchSize: { bytes: 100 }, progress: false });
    await expect(inBytes).rejects.toThrow(/^train\.batchSize\.bytes: expected at least \d{3,}/);
    const misspelt = { data: tinySamples(9), batchSize: { token: 8 } } as never;
    await expect(train(tinyModel(), misspelt)).rejects.toThrow(/batchSize/);
  });

  it('goes on only where a step keeps as many bytes of a sample', async () => {
    const directory = join(root, 'elsewhere');
    const own = { data: tinySamples(30), batchSize: { bytes: 9_000 }, epochs: 2, directory, progress: false } as const;
    const controller = new AbortController();
    const { signal } = controller;
    await train(tinyModel(), { ...own, signal, onEpoch: () => controller.abort() });
    const of = vi.spyOn(KeptBytes.prototype, 'of').mockImplementation((rows) => 1000 * rows); // as on another backend
    await expect(train(tinyModel(), own)).rejects.toThrow(/^train\.batchSize\.bytes: expected batches of the sizes/);
    of.mockRestore();
    expect((await train(tinyModel(), own)).status).toBe('finished');
  });
});
