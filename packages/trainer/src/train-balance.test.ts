import { hostTensor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
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
  vi.spyOn(model, 'prepare').mockImplementation(async () => {
    const number = hostTensor(Float32Array.of(0.5), []);
    return { features: {}, targets: { digit: { number } } };
  });
  const training = train(model, { data: tinySamples(4), balance: 'digit', epochs: 1, progress: false });
  await expect(training).rejects.toThrow(/^train\.balance: .*classes.*"digit"/);
});
