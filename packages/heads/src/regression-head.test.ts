import { initialize, NotFittedError, RandomKey, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { QuantileRegressionHead } from './quantile-regression-head';
import { RegressionHead } from './regression-head';
import { RegressionTarget } from './regression-target';
import { fusedRows, randomVectors } from './testing/fused-rows';
import { answersOf, lossOf, targetBatch, targetFeatures } from './testing/run-head';

async function fitted(numbers: readonly (number | string)[]) {
  const target = new RegressionTarget('standard');
  await target.fit(
    (async function* () {
      yield* numbers;
    })(),
  );
  return target;
}

const sizes = { hiddenSize: 4, hiddenSizes: [], dropout: 0 } as const;
const input = fusedRows(randomVectors(3, 4, 2));
const createHead = (target: RegressionTarget) => new RegressionHead({ ...sizes, loss: 'mse', delta: 1, target });

describe('RegressionHead', () => {
  it('learns deviations from the mean, and answers in the unit of the training data', async () => {
    const target = await fitted([900, '1100', 1000, 1200, 800]); // mean 1000, deviation √20000
    const head = createHead(target);
    initialize(head, RandomKey.from(1));
    head.estimator.weight.assign(tf.zeros([1, 4]));
    head.estimator.bias!.assign(tf.tensor1d([2]));
    for (const { value } of answersOf(head, input)) expect(value).toBeCloseTo(1000 + 2 * Math.sqrt(20000), 3);
    const { value: values } = head.scores(tf.tensor1d([0, 2])); // what an exported model gives
    expect([...values.dataSync()].map((one) => Math.round(one))).toEqual([1000, 1283]);
    const wanted = targetBatch(target, [1000, undefined, 1000 + Math.sqrt(20000)]);
    const loss = lossOf(head, tf.tensor1d([2, Number.NaN, 2]), wanted, input)!;
    expect(loss.dataSync()[0]).toBeCloseTo((4 + 1) / 2, 5);
    const { mae, rmse } = head.evaluate(
      [{ value: 990 }, { value: 0 }, { value: 1030 }],
      targetFeatures(target, [1000, undefined, 1000]),
    );
    expect(mae).toBeCloseTo(20, 3);
    expect(rmse).toBeCloseTo(Math.sqrt(500), 3);
  });

  it('explains nothing of targets that are all alike', async () => {
    const target = await fitted([0.1, 0.3]);
    const features = targetFeatures(target, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
    expect(createHead(target).evaluate(Array(6).fill({ value: 0.2 }), features)).not.toHaveProperty('r2');
  });

  it('has no answer before it knows the unit', () => {
    const head = createHead(new RegressionTarget('standard'));
    initialize(head, RandomKey.from(1));
    expect(() => answersOf(head, input)).toThrow(NotFittedError);
  });

  it.each([1e37, 1e-200])('learns how numbers lie at any size that float32 holds: %d', async (unit) => {
    const target = await fitted([1, 2, 3, 4, 5].map((number) => number * unit)); // mean 3, deviation √2
    const loaded = new RegressionTarget('standard');
    loaded.restore((name) => target.files()[name]);
    expect(target.process(3 * unit + Math.SQRT2 * unit).number.data[0]).toBeCloseTo(1, 5);
    expect(loaded.unscaled(1) / unit).toBeCloseTo(3 + Math.SQRT2, 5);
  });

  it('refuses numbers beyond float32 before it learns anything of them', async () => {
    await expect(fitted([1e200, 2e200, 3e200])).rejects.toThrow(SampleError);
    await expect(fitted([1e200])).rejects.toThrow(/up to 3\.4e38.*logarithm/);
    const target = await fitted([1e-20, 2e-20]);
    expect(() => target.process(1e38)).toThrow(/deviations from the mean/);
  });

  it.each(['ten', '', true, Number.NaN, null, '0x10'])('refuses the target %o', async (raw) => {
    const target = await fitted([1, 2]);
    expect(() => target.process(raw as never)).toThrow(SampleError);
  });
});

describe('QuantileRegressionHead', () => {
  it('answers with quantiles in order, also where they cross, and counts what lies between', async () => {
    const target = await fitted([-1, 1]);
    const head = new QuantileRegressionHead({ ...sizes, levels: [0.1, 0.5, 0.9], target });
    initialize(head, RandomKey.from(1));
    head.estimator.weight.assign(tf.zeros([3, 4]));
    head.estimator.bias!.assign(tf.tensor1d([3, 2, 4]));
    const [answer] = answersOf(head, input);
    expect(answer).toEqual({
      value: 3,
      quantiles: [2, 3, 4].map((value, i) => ({ level: [0.1, 0.5, 0.9][i], value })),
    });
    const { coverage, mae } = head.evaluate([answer, answer], targetFeatures(target, [2.5, 5]));
    expect([coverage, mae]).toEqual([0.5, 1.25]);
  });
});
