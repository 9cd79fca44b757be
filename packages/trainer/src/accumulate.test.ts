import { type HostBatch, type Model, type PreparedSample, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from './optimizers/adamw';
import { assignGroups } from './optimizers/parameter-groups';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';
import { TrainStep } from './train-step';

const quiet = { progress: false } as const;

/** Two heads, one of which is fed by the other and learns from few rows. */
const twoHeads = () =>
  tinyModel({
    heads: { digit: new ClassHead(), rare: new ClassHead(3, 4, 'rare', { all: ['a'] }) },
    inputs: { rare: 'digit' },
  });

/** Samples with any combination of modalities, of which every other has no digit and every third has a rare target. */
async function prepared(model: Model, count: number): Promise<PreparedSample[]> {
  const samples = tinySamples(count, 7, 0.4).map((own, index) => ({
    ...own,
    targets: { ...(index % 2 === 0 && own.targets), ...(index % 3 === 0 && { rare: (index * 2) % 3 }) },
  }));
  return Promise.all(samples.map((sample) => model.prepare(sample)));
}

/** The figures of one step over some batches, and the parameters after it. */
async function stepOver(cut: (samples: readonly PreparedSample[]) => readonly (readonly PreparedSample[])[]) {
  const model = twoHeads();
  const samples = await prepared(model, 12);
  const parameters = assignGroups(model, [], { learningRate: 0.1, weightDecay: 0 });
  const optimizer = new AdamW(parameters, { betas: [0.9, 0.999], epsilon: 1e-3 });
  const step = new TrainStep(model, parameters, { optimizer });
  const hosts: HostBatch[] = cut(samples).map((own) => model.collate(own));
  const before = tf.memory().numTensors;
  const place = { where: 'step 1', wayBack: 'there is no checkpoint' };
  const figures = await step.run(hosts, {
    key: RandomKey.from(0),
    lossWeights: { rare: 0.5 },
    update: { learningRate: (rate) => rate },
    place,
  });
  const left = tf.memory().numTensors - before;
  optimizer.dispose();
  const values = [...model.parameters().values()].flatMap(({ value }) => [...value.dataSync()]);
  return { figures: figures!, values, left };
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-5);
}

describe('several batches to a step', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    ['of equal sizes', [4, 4, 4]],
    ['of unequal sizes and counts', [7, 1, 4]],
    ['with one that has nothing to learn from', [1, 1, 10]],
  ])('equal one large batch: %s', async (_, sizes) => {
    const whole = await stepOver((samples) => [samples]);
    const parts = await stepOver((samples) =>
      sizes.map((size, i) => {
        const start = sizes.slice(0, i).reduce((sum, own) => sum + own, 0);
        return samples.slice(start, start + size);
      }),
    );
    expectNear(parts.values, whole.values);
    const numbers = ({ figures }: typeof whole) => [
      figures.loss,
      figures.gradientNorm,
      ...Object.values(figures.losses),
    ];
    expectNear(numbers(parts), numbers(whole));
    for (const head of ['digit', 'rare']) {
      expect(parts.figures.terms[head].crossEntropy.count).toBe(whole.figures.terms[head].crossEntropy.count);
    }
    // a mean of means is something else
    const { digit, rare } = whole.figures.losses;
    expect(whole.figures.loss).toBeCloseTo(digit + 0.5 * rare, 5);
    expect(parts.left - whole.left).toBe(0);
  });

  it('train a model as large batches do, with as many steps', async () => {
    const data = tinySamples(12).map((own, index) => (index % 4 === 3 ? { ...own, targets: {} } : own));
    const weights = async (options: object) => {
      const model = twoHeads();
      const { steps, epochs } = await train(model, { data, epochs: 1, learningRate: 0.05, ...options, ...quiet });
      return { steps, epochs, values: [...model.parameters().values()].flatMap(({ value }) => [...value.dataSync()]) };
    };
    const whole = await weights({ batchSize: 12 });
    const parts = await weights({ batchSize: 5, accumulate: 3 });
    expect([whole.steps, parts.steps]).toEqual([1, 1]);
    expectNear(parts.values, whole.values);
    expect(parts.epochs[0].losses.digit).toBeCloseTo(whole.epochs[0].losses.digit, 5);
    expect(parts.epochs[0].terms.digit).toEqual({ crossEntropy: parts.epochs[0].losses.digit });
    expect((await weights({ batchSize: 5, accumulate: 2 })).steps).toBe(2);
  });
});
