import { type LossTerms, ScheduledBuffer } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';

/** Its loss counts more with each step: 1, 2, 3, 3, 3 … times. */
class WarmedUpHead extends ClassHead {
  readonly weightOfLoss = new ScheduledBuffer([], (step) => Float32Array.of(Math.min(step + 1, 3)));

  override loss(...given: Parameters<ClassHead['loss']>): LossTerms<tf.Tensor2D> {
    const { crossEntropy } = super.loss(...given);
    if (!crossEntropy) return {};
    const sum: typeof crossEntropy.sum = (...passed) => tf.mul(crossEntropy.sum(...passed), this.weightOfLoss.value);
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

describe('values that follow from the step', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('are those of each step, in later stages and where a run is resumed too, and stay as the last one left them', async () => {
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
    expect(await second.head.weightOfLoss.viewValues()).toEqual(Float32Array.of(3));
  });
});
