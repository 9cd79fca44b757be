import { ConfigError, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyModel, tinySamples } from '../testing/tiny-model';
import { train } from '../train';
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

  it('ends a training that asks for it, before the model is judged by what it has not seen', async () => {
    const model = tinyModel();
    const [evaluate, test] = [tinySamples(5), tinySamples(4)];
    const done: string[] = [];
    const { digit } = model.heads;
    const judge = digit.evaluate!.bind(digit);
    Object.assign(digit, {
      calibrate: (answers: unknown[]) => done.push(`fitted to ${answers.length}`),
      evaluate: (...given: Parameters<typeof judge>) => {
        done.push(`judged on ${given[0].length}`);
        return judge(...given);
      },
    });
    const options = { data: tinySamples(6), epochs: 1, calibrate: true, ...quiet };
    await train(model, { ...options, evaluate, test });
    const told = ['judged on 5', 'fitted to 5', 'judged on 4']; // in whatever else is judged for intervals
    expect(done.filter((own, index) => told.includes(own) && done.indexOf(own) === index)).toEqual(told);
    expect(done.slice(0, done.indexOf('fitted to 5'))).not.toContain('judged on 4');
    await expect(train(model, options)).rejects.toThrow(/train\.calibrate: expected samples to fit it to/);
    await expect(train(tinyModel(), { ...options, evaluate })).rejects.toThrow(
      /calibrate: expected a model with a head/,
    );
  });

  it('refuses a model that has nothing to fit', async () => {
    await expect(calibrate(tinyModel(), tinySamples(3), quiet)).rejects.toThrow(ConfigError);
    await expect(calibrate(tinyModel(), tinySamples(3), { ...quiet, resamples: 3 } as never)).rejects.toThrow(
      /calibrate: expected only known options/,
    );
  });
});
