import { type Model, RandomKey, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossGradients } from './loss-gradients';
import { assignGroups } from './optimizers/parameter-groups';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';

const key = RandomKey.from(0);
const twoHeads = () => tinyModel({ heads: { digit: new ClassHead(), other: new ClassHead(3, 4, 'digit') } });
const learning = (model: Model) => assignGroups(model, [], { learningRate: 1, weightDecay: 0 });

const batchOf = async (model: Model, count = 4) =>
  model.collate(await Promise.all(tinySamples(count).map((sample) => model.prepare(sample))));

const lossOf = (model: Model, host: Awaited<ReturnType<typeof batchOf>>, lossWeights = {}) =>
  tf.tidy(() => lossGradients(model, learning(model), uploadBatch(host), { key, lossWeights })!.loss.dataSync()[0]);

describe('lossGradients', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('gives gradients that agree with finite differences of its loss, weights of heads included', async () => {
    const model = twoHeads();
    const host = await batchOf(model);
    const lossWeights = { other: 0.25 };
    const made = tf.tidy(() => {
      const { gradients } = lossGradients(model, learning(model), uploadBatch(host), { key, lossWeights })!;
      return Object.fromEntries(Object.entries(gradients).map(([path, own]) => [path, own.dataSync()]));
    });
    for (const path of ['encoders.a.weight', 'fusion.scale', 'heads.digit.bias', 'heads.other.weight']) {
      const parameter = model.parameters().get(path)!;
      const values = parameter.value.dataSync().slice() as Float32Array;
      const step = 1e-2;
      const at = (change: number) => {
        parameter.assignValues(values.map((value, i) => (i === 0 ? value + change : value)));
        return lossOf(model, host, lossWeights);
      };
      const slope = (at(step) - at(-step)) / (2 * step);
      parameter.assignValues(values);
      expect(Math.abs(slope - made[path][0])).toBeLessThan(1e-3); // rounding of the loss, 1e-7, over the step
    }
  });

  it('changes nothing, leaves nothing behind, and gives the same for the same', async () => {
    const model = twoHeads();
    const host = await batchOf(model);
    const before = [...model.parameters().values()].map(({ value }) => value.dataSync().slice());
    const loss = lossOf(model, host);
    const count = tf.memory().numTensors;
    expect(lossOf(model, host)).toBe(loss);
    expect(tf.memory().numTensors).toBe(count);
    expect([...model.parameters().values()].map(({ value }) => value.dataSync())).toEqual(before);
  });

  it('is of the parameters that it is given alone, and of heads that have a weight', async () => {
    const model = twoHeads();
    const host = await batchOf(model);
    const some = learning(model).filter(({ path }) => path.startsWith('heads.'));
    const [paths, heads] = tf.tidy(() => {
      const made = lossGradients(model, some, uploadBatch(host), { key, lossWeights: { other: 0 } })!;
      return [Object.keys(made.gradients), Object.keys(made.terms)];
    });
    expect(paths).toEqual(['heads.digit.weight', 'heads.digit.bias']);
    expect(heads).toEqual(['digit']);
  });

  it('is nothing where no head has anything to learn', async () => {
    const model = twoHeads();
    const host = model.collate([await model.prepare({ a: [1, 2] })]);
    const count = tf.memory().numTensors;
    tf.tidy(() => void expect(lossGradients(model, learning(model), uploadBatch(host), { key })).toBeUndefined());
    expect(tf.memory().numTensors).toBe(count);
  });
});
