import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  type Context,
  type Fused,
  type Model,
  type Module,
  recomputed,
  StateError,
  StepCounter,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder';
import { type TinyModelOptions, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';
import type { TrainOptions } from './train-options';

/** Changes what fuses in training, at each call. */
type Change = (fused: Fused, context: Context, module: Module) => Fused;

/** A model whose head sees what is changed, and how often its code was run. */
function watched(change?: Change, modelOptions: TinyModelOptions = { noise: 0.1, modalities: ['a', 'b'] }) {
  const model = tinyModel(modelOptions);
  const { fusion } = model;
  const forward = fusion.forward.bind(fusion);
  let calls = 0;
  fusion.forward = (encoders, batch, context) => {
    if (context.training) calls++;
    const fused = forward(encoders, batch, context);
    return change && context.training ? change(fused, context, fusion) : fused;
  };
  return { model, calls: () => calls };
}

const scaled = (fused: Fused, factor: tf.Tensor | number): Fused => ({
  ...fused,
  pooled: tf.mul(fused.pooled, factor),
});

const options = {
  data: tinySamples(24, 3, 0.3, ['a', 'b']),
  epochs: 12,
  batchSize: 8,
  learningRate: 0.02,
  modalityDropout: 0.3,
  progress: false,
} as const satisfies TrainOptions;

const valuesOf = (model: Model) => [...model.parameters().values()].map(({ value }) => [...value.dataSync()]);

/** The parameters, losses and calls of a training. */
async function run(own: Partial<TrainOptions>, change?: Change, modelOptions?: TinyModelOptions) {
  const { model, calls } = watched(change, modelOptions);
  const { epochs, steps } = await train(model, { ...options, ...own } as TrainOptions);
  return { values: valuesOf(model), losses: epochs.map(({ loss }) => loss), calls: calls(), steps };
}

/** Asserts that a training with replayed steps is that without to the bit, and that steps were replayed. */
async function expectReplay(own: Partial<TrainOptions>, change?: Change, modelOptions?: TinyModelOptions) {
  const recorded = await run({ ...own, replay: false }, change, modelOptions);
  const replayed = await run(own, change, modelOptions);
  expect(replayed.values).toEqual(recorded.values);
  expect(replayed.losses).toEqual(recorded.losses);
  expect(replayed.calls).toBeLessThan(0.8 * recorded.calls);
}

describe('replayed steps', () => {
  beforeAll(async () => {
    registerOnnxBackend();
    await tf.setBackend('onnx');
  });
  afterEach(() => void vi.restoreAllMocks());

  it('are to the bit what recorded ones are, over shapes that change back and forth, with noise and bounded gradients', () =>
    expectReplay({ clipGradientNorm: 0.5, schedule: 'cosine' }));

  it('are so over several batches that count as one', () => expectReplay({ accumulate: 2 }));

  it('are so where parts of the model are frozen or have rates of their own, and weights are averaged', () =>
    expectReplay({
      freeze: ['encoders.a', 'fusion'],
      parameterGroups: [{ match: 'heads', learningRate: 0.1, weightDecay: 0 }],
      clipGradientNorm: false,
      ema: { decay: 0.9 },
    }));

  it('are so where other rows have targets in each batch', async () => {
    const data = options.data.map((own, index) => (index % 5 === 0 ? { ...own, targets: {} } : own));
    const [recorded, replayed] = [await run({ data, replay: false }), await run({ data })];
    expect(replayed.values).toEqual(recorded.values);
  });

  it('are so in each of several stages, at another weight of a head', () =>
    expectReplay({
      epochs: undefined,
      stages: [
        { name: 'first', epochs: 8, train: ['heads'] },
        { name: 'second', epochs: 10, keepMoments: true, lossWeights: { digit: 0.3 } },
      ],
    } as Partial<TrainOptions>));

  it('are so where layers are computed again for their gradients, which changes no bit either', async () => {
    let recomputes = false;
    const layer: Change = (fused, context, module) => {
      recomputes = context.recomputation !== undefined;
      const pooled = recomputed(fused.pooled, context, (x, own) => {
        const noise = own.drawFor<tf.Rank.R2>(module, x.shape, (key) => key.normal(x.size));
        return tf.tanh(tf.add<tf.Tensor2D>(tf.square(x), noise));
      });
      return { ...fused, pooled };
    };
    const values = [];
    for (const own of [{ replay: false }, { replay: false, rematerialize: true }, { rematerialize: true }]) {
      const { model } = watched(layer);
      await train(model, { ...options, ...own });
      values.push(valuesOf(model));
      expect(recomputes).toBe('rematerialize' in own);
    }
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).toEqual(values[0]);
  });

  it('go by counters of steps, which are set in between', async () => {
    const counting = () => {
      const steps = new StepCounter();
      steps.assignValues(new Float32Array(1));
      const made = watched((fused) => scaled(fused, tf.div(steps.value, 10)));
      Object.assign(made.model.fusion, { steps });
      return made;
    };
    const values = [];
    for (const replay of [false, true]) {
      const { model, calls } = counting();
      const { steps } = await train(model, { ...options, replay });
      values.push(valuesOf(model));
      if (replay) expect(calls()).toBeLessThan(0.8 * steps);
    }
    expect(values[1]).toEqual(values[0]);
  });

  it('go on to the bit from a checkpoint', async () => {
    const root = temporaryFolder();
    const directory = join(root, 'straight');
    const straight = watched();
    const stopped = new AbortController();
    const epochs = { onEpoch: ({ epoch }: { epoch: number }) => void (epoch === 6 && stopped.abort()) };
    await train(straight.model, { ...options, directory });
    const part = watched();
    await train(part.model, { ...options, directory: join(root, 'part'), signal: stopped.signal, ...epochs });
    cpSync(join(root, 'part'), join(root, 'resumed'), { recursive: true });
    const resumed = watched();
    await train(resumed.model, { ...options, directory: join(root, 'resumed') });
    expect(valuesOf(resumed.model)).toEqual(valuesOf(straight.model));
    expect(resumed.calls()).toBeLessThan(straight.calls());
  });

  it.each([
    {
      fault: 'draws random numbers by itself',
      change: ((fused, context, module) => scaled(fused, 1 + 0.1 * context.keyFor(module).uniform(1)[0])) as Change,
      remark: 'draws random numbers by itself',
    },
    {
      fault: 'reads tensors back',
      change: ((fused) => scaled(fused, 1 + 0.01 * Math.abs(fused.pooled.dataSync()[0]))) as Change,
      remark: 'reads values',
    },
  ])('are recorded all the same where a part $fault, and it is said once', async ({ change, remark }) => {
    const said: string[] = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((message) => void said.push(String(message)));
    vi.spyOn(console, 'warn').mockImplementation((message) => void said.push(String(message)));
    const recorded = await run({ replay: false }, change);
    expect(said).toEqual([]);
    const replayed = await run({}, change);
    expect(replayed.values).toEqual(recorded.values);
    expect(replayed.calls).toBe(recorded.calls);
    expect(said).toEqual([expect.stringContaining(remark)]);
  });

  it('stop with an error that says what to do, where a part has become another one in JavaScript', async () => {
    let calls = 0;
    const turning: Change = (fused) => scaled(fused, calls++ < 2 ? 1 : 2); // as in the third call, which verifies
    const samples = Array.from({ length: 8 }, (_, index) => ({ a: [index], targets: { digit: index % 3 } }));
    const training = run({ data: samples, epochs: undefined, steps: 300, modalityDropout: 0 }, turning);
    await expect(training).rejects.toThrow(StateError);
    await expect(training).rejects.toThrow('replay: false');
  });
});
