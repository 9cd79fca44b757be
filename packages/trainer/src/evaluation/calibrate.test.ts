import { ConfigError, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyModel, tinySamples } from '../testing/tiny-model';
import { calibrate } from './calibrate';

const quiet = { progress: false } as const;

describe('calibrate', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('gives a head the answers to the samples that have its target, with the target', async () => {
    const model = tinyModel();
    const samples = tinySamples(9).map((own, i) => (i < 4 ? { ...own, targets: {} } : own));
    const given: [unknown[], unknown[]][] = [];
    Object.assign(model.heads.digit, { calibrate: (...pair: [unknown[], unknown[]]) => given.push(pair) });
    expect(await calibrate(model, samples, { batchSize: 2, ...quiet })).toEqual(['digit']);
    const [[answers, targets]] = given;
    const predictions = await model.predict(samples.slice(4));
    expect(answers).toEqual(predictions.map(({ digit }) => digit));
    expect(targets).toHaveLength(5);
    await expect(Promise.all([calibrate(model, samples, quiet), calibrate(model, samples, quiet)])).rejects.toThrow(
      StateError,
    );
  });

  it('refuses a model that has nothing to fit', async () => {
    await expect(calibrate(tinyModel(), tinySamples(3), quiet)).rejects.toThrow(ConfigError);
    await expect(calibrate(tinyModel(), tinySamples(3), { ...quiet, resamples: 3 } as never)).rejects.toThrow(
      /calibrate: expected only known options/,
    );
  });
});
