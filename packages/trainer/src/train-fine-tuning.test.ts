import type { Model } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';

const common = { data: tinySamples(6), epochs: 3, batchSize: 6, learningRate: 0.05, weightDecay: 0, progress: false };

beforeAll(() => tf.setBackend('cpu'));

function valuesOf(model: Model): Map<string, number[]> {
  return new Map([...model.parameters()].map(([path, { value }]) => [path, [...value.dataSync()]]));
}

/** How far each parameter has gone from where it began. */
async function moves(options: object): Promise<Map<string, number>> {
  const model = tinyModel();
  const before = valuesOf(model);
  await train(model, { ...common, ...options });
  return new Map(
    [...valuesOf(model)].map(([path, values]) => [
      path,
      Math.hypot(...values.map((value, i) => value - before.get(path)![i])),
    ]),
  );
}

const moved = (made: Map<string, number>) => [...made].flatMap(([path, distance]) => (distance > 0 ? [path] : []));

it('has of encoders biases alone learn, beside fusion and heads, where that is asked for', async () => {
  const all = moved(await moves({}));
  const expected = all.filter((path) => !path.startsWith('encoders.') || path.endsWith('.bias'));
  expect(moved(await moves({ biasesOnly: true }))).toEqual(expected);
  expect(expected.length).toBeLessThan(all.length);
});

it('has of encoders the last layers alone learn', async () => {
  const all = moved(await moves({}));
  expect(moved(await moves({ lastLayers: 0 }))).toEqual(all.filter((path) => !path.startsWith('encoders.')));
});

it('keeps encoders near what they began with, the nearer the stronger', async () => {
  const distance = async (l2sp: number) => {
    const made = await moves({ l2sp, clipGradientNorm: false });
    return Math.hypot(...[...made].flatMap(([path, own]) => (path.startsWith('encoders.') ? [own] : [])));
  };
  const [free, held, tight] = [await distance(0), await distance(1), await distance(100)];
  expect(held).toBeLessThan(free);
  expect(tight).toBeLessThan(held);
});

it('refuses what leaves nothing to learn, or nothing to pull back', async () => {
  const refused = (options: object) => expect(train(tinyModel(), { ...common, ...options })).rejects;
  await refused({ lastLayers: 0, train: ['encoders'] }).toThrow(/^train\.lastLayers: expected something that learns/);
  await refused({ lastLayers: 9 }).toThrow(
    /^train\.lastLayers: expected at most \d, the layers of the deepest encoder, received 9/,
  );
  await refused({ biasesOnly: true, freeze: ['**.bias'] }).toThrow(/^train\.biasesOnly: expected encoders with biases/);
  await refused({ l2sp: 0.1, train: ['heads'] }).toThrow(/^train\.l2sp: expected parameters of encoders that learn/);
});
