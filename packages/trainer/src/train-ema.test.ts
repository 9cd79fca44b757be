import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder';
import { tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';
import type { TrainOptions } from './train-options';

const data = tinySamples(6);
const decay = 0.7;
/** An epoch is a step, so that `onEpoch` sees the weights of each. */
const common = { data, epochs: 5, batchSize: 6, learningRate: 0.05, progress: false } as const;

type Values = readonly number[];

const valuesOf = (model: Model, under = ''): Values =>
  [...model.parameters()].flatMap(([path, { value }]) => (path.startsWith(under) ? [...value.dataSync()] : []));

async function trained(options: object = {}, under = '') {
  const model = tinyModel();
  const seen: Values[] = [];
  const onEpoch = () => void seen.push(valuesOf(model, under));
  await train(model, { ...common, onEpoch, ...options } as TrainOptions);
  return { model, seen, end: valuesOf(model, under) };
}

/** The definition, in double precision. */
function averageOf(weights: readonly Values[]): Values {
  return weights.reduce((average, own, updates) => {
    const kept = updates === 0 ? 0 : Math.min(decay, (1 + updates) / (10 + updates));
    return own.map((value, i) => kept * average[i] + (1 - kept) * value);
  });
}

const expectClose = (found: Values, expected: Values) =>
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5)); // rounding of float32

describe('the average of the weights', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('is what is evaluated and what the model ends as, while the steps go on from their own weights', async () => {
    const plain = await trained();
    const averaged = await trained({ ema: { decay } });
    averaged.seen.forEach((found, epoch) => expectClose(found, averageOf(plain.seen.slice(0, epoch + 1))));
    expect(averaged.end).toEqual(averaged.seen.at(-1));
    expect(averaged.end).not.toEqual(plain.end);
  });

  it('is what the next stage goes on from, in parts too that do not learn there', async () => {
    const first = { train: ['heads'], epochs: 4 };
    const plain = await trained({ ...common, ...first }, 'heads');
    const stages = [
      { ...first, ema: { decay } },
      { train: ['encoders'], epochs: 1 },
    ];
    const { end } = await trained({ epochs: undefined, stages }, 'heads');
    expectClose(end, averageOf(plain.seen));
  });

  it('leaves what is frozen as it is, to the bit', async () => {
    const [before, after] = [tinyModel(), await trained({ ema: { decay }, freeze: ['encoders'] })];
    expect(valuesOf(after.model, 'encoders')).toEqual(valuesOf(before, 'encoders'));
    expect(valuesOf(after.model, 'heads')).not.toEqual(valuesOf(before, 'heads'));
  });

  it('is the same of a run that was interrupted in every epoch, whose model in memory has its own weights meanwhile', async () => {
    const directory = temporaryFolder();
    const straight = await trained({ ema: { decay } });
    const plain = await trained();
    for (let epoch = 1; epoch < common.epochs; epoch++) {
      const stop = new AbortController();
      const onEpoch = () => stop.abort();
      const { end } = await trained({ ema: { decay }, directory, signal: stop.signal, onEpoch });
      expect(end).toEqual(plain.seen[epoch - 1]);
    }
    const resumed = await trained({ ema: { decay }, directory });
    expect(resumed.end).toEqual(straight.end);
    const again = await trained({ ema: { decay }, directory }); // finished
    expect(again.end).toEqual(straight.end);
    expect(readFileSync(join(directory, 'model/model.safetensors')).length).toBeGreaterThan(0);
  });

  it('is what the best epoch is kept of', async () => {
    const best = { by: 'digit.accuracy', order: 'highest' } as const; // of equal ones the first
    const averaged = await trained({ ema: { decay }, best, evaluate: data });
    expect(averaged.seen).toContainEqual(averaged.end);
  });

  it('has a decay below 1', async () => {
    await expect(trained({ ema: { decay: 1 } })).rejects.toThrow(/^train\.ema\.decay/);
    await expect(trained({ ema: 0.9 })).rejects.toThrow(/^train\.ema/);
  });
});

describe('rates by layer', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('leave what stands before the layers nearly as it was', async () => {
    const [before, even, decayed] = [tinyModel(), await trained(), await trained({ layerDecay: 1e-6 })];
    const moved = ({ model }: { model: Model }, under: string) => {
      const from = valuesOf(before, under);
      return Math.max(...valuesOf(model, under).map((value, i) => Math.abs(value - from[i])));
    };
    expect(moved(even, 'encoders')).toBeGreaterThan(1e-2);
    expect(moved(decayed, 'encoders')).toBeLessThan(1e-5); // an encoder without layers: one decay
    expect(moved(decayed, 'heads')).toBeGreaterThan(1e-2);
    await expect(trained({ layerDecay: 1.1 })).rejects.toThrow(/^train\.layerDecay/);
  });
});
