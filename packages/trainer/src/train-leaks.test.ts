import { type Context, type HeadInput, type LossTerms, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './evaluation/evaluate';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';
import type { TrainOptions } from './train-options';

const quiet = { progress: false } as const;

/** How a training ends, and how many tensors it leaves behind. */
async function outcome(options: Partial<TrainOptions>, head = new ClassHead()) {
  const model = tinyModel({ heads: { digit: head } });
  const before = tf.memory().numTensors;
  const run = train(model, { data: tinySamples(12), epochs: 2, batchSize: 4, ...quiet, ...options });
  const end = await run.then(
    ({ status }) => status,
    (error: Error) => error.name,
  );
  return { end, left: tf.memory().numTensors - before };
}

class FailingHead extends ClassHead {
  readonly #fails: 'forward' | 'loss' | 'predict' | 'gradient';

  constructor(fails: 'forward' | 'loss' | 'predict' | 'gradient') {
    super();
    this.#fails = fails;
  }

  override forward(input: HeadInput): tf.Tensor2D {
    const logits = super.forward(input);
    if (this.#fails === 'forward') throw new Error('no forward pass');
    if (this.#fails !== 'gradient') return logits;
    const failing = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: () => {
        throw new Error('no gradient');
      },
    }));
    return failing(logits) as tf.Tensor2D;
  }

  override loss(target: Parameters<ClassHead['loss']>[0]): LossTerms<tf.Tensor2D> {
    const { crossEntropy } = super.loss(target);
    const sum = (logits: tf.Tensor2D, context: Context) => {
      tf.square(crossEntropy.sum(logits, context));
      throw new SampleError({ expected: 'a target', received: 'another' });
    };
    return { crossEntropy: this.#fails === 'loss' ? { ...crossEntropy, sum } : crossEntropy };
  }

  override scores(logits: tf.Tensor2D): tf.NamedTensorMap {
    if (this.#fails === 'predict') throw new Error('no prediction');
    return super.scores(logits);
  }
}

describe('no tensor stays', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('of batches without a target', async () => {
    const data = tinySamples(12).map((own, i) => (i < 8 ? { ...own, targets: {} } : own));
    expect(await outcome({ data, batchSize: 1 })).toEqual({ end: 'finished', left: 0 });
  });

  it.each([
    ['forward', 'PartError'],
    ['loss', 'SampleError'],
    ['gradient', 'Error'],
    ['predict', 'PartError'],
  ] as const)('of a head whose %s fails', async (fails, end) => {
    expect(await outcome({ evaluate: tinySamples(4) }, new FailingHead(fails))).toEqual({ end, left: 0 });
  });

  it('of a loss that is not finite', async () => {
    const options = { learningRate: 1e38, clipGradientNorm: false } as const;
    expect(await outcome(options)).toEqual({ end: 'NonFiniteLossError', left: 0 });
  });

  it('of a training that is stopped', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onEpoch: () => controller.abort() };
    expect(await outcome(options)).toEqual({ end: 'interrupted', left: 0 });
  });

  it('of an evaluation in which a head fails', async () => {
    const model = tinyModel({ heads: { digit: new FailingHead('predict') } });
    const before = tf.memory().numTensors;
    await expect(evaluate(model, tinySamples(4), quiet)).rejects.toThrow('no prediction');
    expect(tf.memory().numTensors).toBe(before);
  });
});
