import { type LossTerms, StepCounter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';

/** Its loss counts more with each step: 1, 2, 3, 3, 3 … times. */
class WarmedUpHead extends ClassHead {
  readonly steps = new StepCounter();

  override loss(...given: Parameters<ClassHead['loss']>): LossTerms<tf.Tensor2D> {
    const { crossEntropy } = super.loss(...given);
    if (!crossEntropy) return {};
    const weight = tf.minimum(tf.add(this.steps.value, 1), 3);
    const sum: typeof crossEntropy.sum = (...passed) => tf.mul(crossEntropy.sum(...passed), weight);
    return { crossEntropy: { ...crossEntropy, sum } };
  }
}

/** A learning rate at which nothing changes. */
const standing = {
  data: tinySamples(6),
  batchSize: 6,
  learningRate: 1e-30,
  weightDecay: 0,
  seed: 1,
  progress: false,
} as const;

describe('steps that a module counts', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('go on in later stages, and where a run is resumed', async () => {
    const directory = temporaryFolder();
    const start = () => {
      const head = new WarmedUpHead();
      const stop = new AbortController();
      const onEpoch = () => stop.abort();
      const options = { ...standing, stages: [{ epochs: 1 }, { epochs: 3 }], directory };
      return { head, model: tinyModel({ heads: { digit: head } }), options, stop: { onEpoch, signal: stop.signal } };
    };
    const first = start();
    await train(first.model, { ...first.options, ...first.stop });
    const second = start();
    const { epochs } = await train(second.model, second.options);
    const losses = epochs.map(({ terms }) => terms.digit.crossEntropy / epochs[0].terms.digit.crossEntropy);
    expect(losses.map((ratio) => ratio.toFixed(5))).toEqual(['1.00000', '2.00000', '3.00000', '3.00000']);
    expect(await second.head.steps.viewValues()).toEqual(Float32Array.of(4));
  });

  it('are those of all trainings, but for those in which nothing of the module learns', async () => {
    const head = new WarmedUpHead();
    const model = tinyModel({ heads: { digit: head } });
    const stepsAfter = async (options: object) => {
      await train(model, { ...standing, steps: 2, ...options });
      return (await head.steps.viewValues())[0];
    };
    expect(await stepsAfter({})).toBe(2);
    expect(await stepsAfter({ train: ['heads'] })).toBe(4);
    expect(await stepsAfter({ train: ['fusion'] })).toBe(4);
    expect(await stepsAfter({ freeze: ['heads.digit'] })).toBe(4);
    expect(await stepsAfter({ stages: [{ steps: 1, freeze: ['heads'] }, { steps: 1 }], steps: undefined })).toBe(5);
  });
});
