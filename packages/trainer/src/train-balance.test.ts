import { join } from 'node:path';
import { hostTensor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder';
import { tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';

beforeAll(() => tf.setBackend('cpu'));

it('a training with balance sees classes equally often, whatever the data have', async () => {
  const data = tinySamples(36, 3).map((own, index) => ({
    ...own,
    targets: { digit: index % 6 === 0 ? (index % 12 === 0 ? 1 : 2) : 0 },
  }));
  const seen: unknown[] = [];
  await train(tinyModel(), {
    data,
    epochs: 2,
    batchSize: 4,
    balance: 'digit',
    progress: false,
    augment: (sample, key) => {
      key.uniform(1); // so that samples are prepared anew whenever they are taken
      seen.push(sample.targets?.digit);
      return sample;
    },
  });
  const emitted = seen.slice(-72); // what came before is the first look at each
  const counts = [0, 1, 2].map((digit) => emitted.filter((own) => own === digit).length);
  expect((Math.max(...counts) - Math.min(...counts)) / Math.max(...counts)).toBeLessThanOrEqual(0.15);
});

it('refuses balance of a head whose targets are no classes', async () => {
  const model = tinyModel();
  const number = hostTensor(Float32Array.of(0.5), []);
  vi.spyOn(model.targets.digit.processor, 'process').mockImplementation(() => ({ number }));
  const training = train(model, { data: tinySamples(4), balance: 'digit', epochs: 1, progress: false });
  await expect(training).rejects.toThrow(/^train\.balance: .*classes.*"digit"/);
});

describe('a training with weights', () => {
  const data = tinySamples(24, 3);
  const weights = data.map((_, index) => (index < 4 ? 5 : 1));
  const weighted = { data, weights, epochs: 2, batchSize: 4, learningRate: 0.02, progress: false } as const;

  it('has samples come as often as they ask for, in every epoch', async () => {
    const seen = new Map<unknown, number>();
    await train(tinyModel(), {
      ...weighted,
      augment(sample, key) {
        key.uniform(1); // so that samples are prepared anew whenever they are taken
        seen.set(sample, (seen.get(sample) ?? 0) + 1);
        return sample;
      },
    });
    const mean = (4 * 5 + 20) / 24;
    data.forEach((sample, index) => {
      const times = seen.get(sample)! - 1; // the first look
      const asked = (2 * weights[index]) / mean;
      expect(times).toBeGreaterThanOrEqual(2 * Math.floor(asked / 2));
      expect(times).toBeLessThanOrEqual(2 * Math.ceil(asked / 2));
    });
  });

  it('goes on only with the same weights, and to the same bytes', async () => {
    const directory = join(temporaryFolder(), 'run');
    const controller = new AbortController();
    await train(tinyModel(), { ...weighted, directory, signal: controller.signal, onEpoch: () => controller.abort() });
    const others = { ...weighted, directory, weights: data.map(() => 1) };
    await expect(train(tinyModel(), others)).rejects.toThrow(/training\.weights.*sha256/);
    const [resumed, straight] = [tinyModel(), tinyModel()];
    await train(resumed, { ...weighted, directory });
    await train(straight, weighted);
    for (const [path, { value }] of resumed.parameters()) {
      expect([...value.dataSync()]).toEqual([...straight.parameters().get(path)!.value.dataSync()]);
    }
  });

  it.each<[string, object, RegExp]>([
    ['too few', { weights: [1, 2] }, /train\.weights: expected a weight for each of 24 samples, received 2/],
    ['none above 0', { weights: data.map((_, i) => i) }, /train\.weights, sample 0: expected a weight above 0/],
    ['no numbers', { weights: 'votes' }, /train\.weights: expected a number for each sample/],
    [
      'those of another source',
      { data: { a: data, b: data.slice(1) }, weights: { c: [1] } },
      /the sources of the stage.*"c"/,
    ],
    ['a list for two sources', { data: { a: data, b: data.slice(1) } }, /a list of numbers for each source/],
    ['balance beside them', { balance: 'digit' }, /train\.weights: expected balance or weights, received both/],
  ])('refuses %s', async (_, options, message) => {
    await expect(train(tinyModel(), { ...weighted, ...options } as never)).rejects.toThrow(message);
  });
});
