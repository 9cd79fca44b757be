import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  type Context,
  defineAugmentation,
  type Fused,
  type Model,
  type Module,
  recomputed,
  type Sample,
  StateError,
  StepCounter,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from './testing/temporary-folder';
import { ClassHead, type TinyModelOptions, tinyModel, tinySamples } from './testing/tiny-model';
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
  expect(replayed.calls).toBeLessThan(0.95 * recorded.calls);
}

const mixing = defineAugmentation({
  name: 'mixing',
  modality: 'numbers',
  config: z.object({}),
  create: () => ({
    mix({ values, mask }, partners, key) {
      const [share] = key.uniform(1);
      const length = values.shape[1];
      const partnerOf = (at: number) => partners[Math.floor(at / length)] * length + (at % length);
      const data = values.data.map((value, at) => share * value + (1 - share) * values.data[partnerOf(at)]);
      return { features: { values: { ...values, data }, mask }, share };
    },
  }),
});

/** What its loss counts, and counts for, are others in each batch and epoch. */
class AnnealedHead extends ClassHead {
  #epoch = 0;

  reach(epoch: number): void {
    this.#epoch = epoch;
  }

  override loss(target: Parameters<ClassHead['loss']>[0]) {
    const terms = super.loss(target);
    const { crossEntropy } = terms;
    const count = crossEntropy.count + (target?.values.index.data[0] ?? 0);
    return { crossEntropy: { ...crossEntropy, count, weight: 1 / (1 + this.#epoch) } };
  }
}

/** A part that anybody can tell how much to scale. */
type Scaling = Module & { readonly factor?: number };

const one: TinyModelOptions = { modalities: ['a'] };

/** Samples of one shape: an epoch is a single step. */
const alike: Partial<TrainOptions> = {
  data: Array.from({ length: 8 }, (_, index) => ({ a: [index], targets: { digit: index % 3 } })),
  modalityDropout: 0,
  epochs: 24,
};

/** Something else at every third call, which nothing shows but the code itself. */
function everyThird(change: (fused: Fused) => Fused): Change {
  let calls = 0;
  return (fused) => (calls++ % 3 === 2 ? change(fused) : fused);
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

  it('are so where what a loss counts, and counts for, hangs on values and on the epoch, and norms weigh it', async () => {
    const values = [];
    for (const replay of [false, true]) {
      const annealed = new AnnealedHead();
      const heads = { digit: annealed, other: new ClassHead() };
      const { model, calls } = watched(undefined, { modalities: ['a'], heads });
      const { steps } = await train(model, {
        ...options,
        ...alike,
        replay,
        batchSize: 4,
        lossBalance: { use: 'gradient-norm' },
        onEpoch: ({ epoch }) => void annealed.reach(epoch),
      });
      values.push(valuesOf(model));
      if (replay) expect(calls()).toBeLessThan(2 * steps); // with that of the norms
    }
    expect(values[1]).toEqual(values[0]);
  });

  it('are so where gradients of heads are projected, in another order each time', async () => {
    const heads = () => ({
      digit: new ClassHead(),
      other: new ClassHead(3, 4, 'other'),
      third: new ClassHead(3, 4, 'third'),
    });
    const data = (alike.data as readonly Sample[]).map((own, index) => ({
      ...own,
      targets: { digit: index % 3, other: (index + 1) % 3, third: (index * 2) % 3 },
    }));
    const training = (own: Partial<TrainOptions>) =>
      run({ ...alike, data, ...own }, undefined, { ...one, heads: heads() });
    const recorded = await training({ gradientConflicts: 'project', replay: false });
    const replayed = await training({ gradientConflicts: 'project' });
    expect(replayed.values).toEqual(recorded.values);
    expect(replayed.calls).toBeLessThan(0.95 * recorded.calls);
    expect((await training({})).values).not.toEqual(recorded.values);
  });

  it('are so where rows are mixed, in other shares each time', () =>
    expectReplay({ ...alike, augment: { a: [mixing()] } }, undefined, one));

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
      if (replay) expect(calls()).toBeLessThan(0.95 * steps);
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

  it.each([
    {
      fault: 'goes by what it counts in a property',
      changes: (): Change => (fused, _, module) => {
        const counting = module as Module & { calls?: number };
        counting.calls = (counting.calls ?? 0) + 1;
        return scaled(fused, 1 + counting.calls / 100);
      },
      remark: '"calls"',
    },
    {
      fault: 'does something else every third time, unseen',
      changes: () => everyThird((fused) => scaled(fused, 1.1)),
      remark: 'another',
    },
    {
      fault: 'reads a value every third time, unseen',
      changes: () => everyThird((fused) => scaled(fused, 1 + Math.abs(fused.pooled.dataSync()[0]))),
      remark: 'reads values',
    },
    {
      fault: 'leaves something out by chance',
      changes: (): Change => (fused) => (Math.random() < 2 ? scaled(fused, 1.1) : fused),
      remark: 'Math.random',
    },
  ])('are recorded all the same where a part $fault', async ({ changes, remark }) => {
    const said: string[] = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((message) => void said.push(String(message)));
    vi.spyOn(console, 'warn').mockImplementation((message) => void said.push(String(message)));
    const recorded = await run({ ...alike, replay: false }, changes(), one);
    expect(await run(alike, changes(), one)).toEqual(recorded);
    expect(said).toEqual([expect.stringContaining(remark)]);
  });

  it('go by what somebody sets in a part between them, or loads into it', async () => {
    const values = [];
    for (const replay of [false, true]) {
      const { model, calls } = watched((fused, _, module) => scaled(fused, (module as Scaling).factor ?? 1));
      const [weight] = model.parameters().values();
      const onEpoch = ({ epoch }: { epoch: number }) => {
        if (epoch === 4) Object.assign(model.fusion, { factor: 0.5 });
        if (epoch === 7) weight.assignValues(new Float32Array(weight.size).fill(0.1));
        if (epoch === 9) weight.adoptValues(new Float32Array(weight.size).fill(-0.2));
      };
      const { steps } = await train(model, { ...options, replay, onEpoch });
      values.push(valuesOf(model));
      if (replay) expect(calls()).toBeLessThan(0.95 * steps);
    }
    expect(values[1]).toEqual(values[0]);
  });

  it('are those of their own training where two take turns, with last batches that are shorter', async () => {
    const own = { ...options, batchSize: 7 };
    const alone = [];
    for (const seed of [1, 2]) {
      const model = tinyModel({ noise: 0.1, modalities: ['a', 'b'], seed });
      await train(model, { ...own, seed, replay: false });
      alone.push(valuesOf(model));
    }
    const models = [1, 2].map((seed) => tinyModel({ noise: 0.1, modalities: ['a', 'b'], seed }));
    await Promise.all(models.map((model, index) => train(model, { ...own, seed: index + 1 })));
    expect(models.map(valuesOf)).toEqual(alone);
  });

  it('tell of losses that are not finite in the very step', async () => {
    const failed = async (replay: boolean) => {
      const { model } = watched(undefined, one);
      const [weight] = model.parameters().values();
      const onEpoch = ({ epoch }: { epoch: number }) => {
        if (epoch === 6) weight.assignValues(new Float32Array(weight.size).fill(Number.NaN));
      };
      return train(model, { ...options, ...alike, replay, onEpoch }).then(
        () => 'no error',
        (error: Error) => error.message,
      );
    };
    const said = await failed(true);
    expect(said).toBe(await failed(false));
    expect(said).toContain('step 7');
  });

  it.each([6, 15])('stop soon where a part has become another one, unseen, after %i steps', async (turn) => {
    let [steps, factor] = [0, 1];
    const { model } = watched((fused) => scaled(fused, factor), one);
    const onEpoch = ({ epoch }: { epoch: number }) => {
      steps = epoch;
      if (epoch === turn) factor = 2;
    };
    const training = train(model, { ...options, ...alike, epochs: 60, onEpoch });
    await expect(training).rejects.toThrow(StateError);
    await expect(training).rejects.toThrow('replay: false');
    expect(steps).toBeLessThan(2 * turn);
  });
});
