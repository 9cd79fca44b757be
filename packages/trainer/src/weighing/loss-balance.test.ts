import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '@polymodal/core';
import { ConfigError, RandomKey, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossGradients } from '../loss-gradients';
import { assignGroups } from '../optimizers/parameter-groups';
import { temporaryFolder } from '../testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from '../testing/tiny-model';
import { train } from '../train';
import type { TrainOptions } from '../train-options';
import { balanceAfter, balancedWeightsOf } from './balance-losses';
import type { BalanceState, LossBalance } from './loss-balance';
import { lossWeightsAt } from './loss-weight';

interface Told {
  readonly losses: Record<string, number>;
  readonly gradientNorms?: Record<string, number>;
  readonly after: Record<string, number>;
}

/** What PyTorch learned: see tools/parity/loss_balance.py. */
const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/loss-balance.json', import.meta.url), 'utf8'),
) as Record<'uncertainty' | 'gradientNorm', { alpha?: number; learningRate: number; steps: Told[] }>;

const twoHeads = () => tinyModel({ heads: { digit: new ClassHead(), other: new ClassHead(3, 4, 'other') } });

const data = tinySamples(12, 3).map((own, index) => ({
  ...own,
  targets: { ...own.targets, ...(index % 2 === 0 && { other: (own.targets.digit + 1) % 3 }) },
}));

const options = { data, epochs: 4, batchSize: 6, learningRate: 0.05, progress: false } as const satisfies TrainOptions;

interface StepLine {
  readonly type: string;
  readonly losses: Record<string, number>;
  readonly loss: number;
  readonly headGradientNorms?: Record<string, number>;
  readonly headGradientCosines?: Record<string, number>;
  readonly lossWeights?: Record<string, number>;
}

function linesOf(directory: string): StepLine[] {
  return readFileSync(join(directory, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const valuesOf = (model: Model) => [...model.parameters().values()].flatMap(({ value }) => [...value.dataSync()]);

describe('losses that are balanced', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    ['uncertainty', { use: 'uncertainty', learningRate: fixture.uncertainty.learningRate }, fixture.uncertainty],
    ['gradient norms', { use: 'gradient-norm', alpha: 1.5, learningRate: 0.025 }, fixture.gradientNorm],
  ] as const)('have the weights that PyTorch learns by %s', (_, balance: LossBalance, { steps }) => {
    let state: BalanceState = {};
    for (const { losses, gradientNorms, after } of steps) {
      state = balanceAfter(balance, state, { losses, gradientNorms, learningRate: (full) => full, fullRate: 1 });
      const weights = balancedWeightsOf(balance, state);
      for (const [task, value] of Object.entries(after)) {
        // both in double precision, over eight steps
        expect(weights[task]).toBeCloseTo(balance.use === 'uncertainty' ? Math.exp(-value) : value, 9);
      }
    }
  });

  it('count for 1 / 2L at rest, where uncertainty weighs them', () => {
    const balance = { use: 'uncertainty' } as const;
    let state: BalanceState = {};
    for (let step = 0; step < 4000; step++) {
      const rate = (full: number) => full * (1 - step / 4000);
      state = balanceAfter(balance, state, { losses: { a: 4, b: 0.1 }, learningRate: rate, fullRate: 0.01 });
    }
    const { a, b } = balancedWeightsOf(balance, state);
    expect(a).toBeCloseTo(1 / 8, 4);
    expect(b).toBeCloseTo(5, 3);
  });

  it.each([[{ use: 'uncertainty' }], [{ use: 'gradient-norm' }]] as const)(
    'weigh each step by what the steps before taught, and go on from a checkpoint to the bit: %o',
    async (lossBalance) => {
      const root = temporaryFolder();
      const run = (name: string, more: Partial<TrainOptions> = {}) =>
        train(twoHeads(), { ...options, lossBalance, directory: join(root, name), ...more } as TrainOptions);
      const { model, epochs } = await run('straight');
      const stop = new AbortController();
      await run('part', { signal: stop.signal, onEpoch: ({ epoch }) => void (epoch === 2 && stop.abort()) });
      const resumed = await run('part');
      expect(valuesOf(resumed.model)).toEqual(valuesOf(model));
      const steps = linesOf(join(root, 'straight')).filter(({ type }) => type === 'step');
      const again = linesOf(join(root, 'part')).filter(({ type }) => type === 'step');
      expect(again.map(({ lossWeights }) => lossWeights)).toEqual(steps.map(({ lossWeights }) => lossWeights));
      expect(steps[0].lossWeights).toEqual({ digit: 1, other: 1 });
      const last = steps.at(-1)!;
      const weighted = last.lossWeights!.digit * last.losses.digit + last.lossWeights!.other * last.losses.other;
      expect(last.loss).toBeCloseTo(weighted, 5);
      expect(Math.abs(last.lossWeights!.digit - 1)).toBeGreaterThan(1e-3);
      expect(epochs.at(-1)!.lossWeights).toBeDefined();
      // a training without it is another one
      expect(valuesOf((await train(twoHeads(), options)).model)).not.toEqual(valuesOf(model));
    },
  );

  it('are compared by the norms of the gradients that each has by itself over what heads share', async () => {
    const directory = temporaryFolder();
    const model = twoHeads();
    const batch = model.collate(await Promise.all(data.map((sample) => model.prepare(sample))));
    const shared = assignGroups(model, [], { learningRate: 1, weightDecay: 0, train: ['encoders', 'fusion'] });
    const normOf = (own: string, other: string) =>
      tf.tidy(() => {
        const key = RandomKey.from(0); // which nothing draws from in this model
        const lossWeights = { [own]: 1, [other]: 0 };
        const { gradients } = lossGradients(model, shared, uploadBatch(batch), { key, lossWeights })!;
        return Math.hypot(...Object.values(gradients).flatMap((one) => [...one.dataSync()]));
      });
    const [digit, other] = [normOf('digit', 'other'), normOf('other', 'digit')];
    await train(model, {
      ...options,
      batchSize: 12,
      steps: 1,
      epochs: undefined,
      directory,
      lossBalance: { use: 'gradient-norm' },
    });
    const [{ headGradientNorms }] = linesOf(directory);
    expect(headGradientNorms!.digit).toBeCloseTo(digit, 4);
    expect(headGradientNorms!.other).toBeCloseTo(other, 4);
  });

  it('are projected where they point away from one another', async () => {
    const directory = temporaryFolder();
    const once = {
      ...options,
      batchSize: 12,
      steps: 1,
      epochs: undefined,
      warmup: 0,
      weightDecay: 0,
      clipGradientNorm: false,
    } as const;
    const model = twoHeads();
    const before = new Map([...model.parameters()].map(([path, { value }]) => [path, [...value.dataSync()]]));
    const shared = assignGroups(model, [], { learningRate: 1, weightDecay: 0, train: ['encoders', 'fusion'] });
    const batch = model.collate(await Promise.all(data.map((sample) => model.prepare(sample))));
    const gradientOf = (own: string, other: string) =>
      tf.tidy(() => {
        const lossWeights = { [own]: 1, [other]: 0 };
        const { gradients } = lossGradients(model, shared, uploadBatch(batch), {
          key: RandomKey.from(0),
          lossWeights,
        })!;
        return shared.map(({ path }) => [...(gradients[path]?.dataSync() ?? [])]);
      });
    const [a, b] = [gradientOf('digit', 'other'), gradientOf('other', 'digit')];
    const dot = (x: number[][], y: number[][]) =>
      x.flat().reduce((sum, value, i) => sum + value * (y.flat()[i] ?? 0), 0);
    const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    const minus = (x: number[][], y: number[][]) => {
      const along = Math.min(dot(x, y), 0) / dot(y, y);
      return x.map((part, p) => part.map((value, i) => value - along * y[p]![i]!));
    };
    const [left, right] = [minus(a, b), minus(b, a)];
    await train(model, { ...once, directory, gradientConflicts: 'project' });
    const [{ headGradientCosines, losses, loss }] = linesOf(directory);
    expect(cosine).toBeLessThan(-0.01); // else nothing is projected here
    expect(headGradientCosines!['digit, other']).toBeCloseTo(cosine, 4);
    expect(loss).toBeCloseTo(losses.digit! + losses.other!, 5);
    // AdamW's first step is the learning rate times the sign of the gradient
    for (const [p, { path, parameter }] of shared.entries()) {
      [...parameter.value.dataSync()].forEach((value, i) => {
        const gradient = left[p]![i]! + right[p]![i]!;
        if (Math.abs(gradient) > 1e-4) expect(before.get(path)![i]! - value).toBeCloseTo(0.05 * Math.sign(gradient), 3);
      });
    }
  });

  it('are compared by their cosines where that is asked for, and learn as ever', async () => {
    const directory = temporaryFolder();
    const told = await train(twoHeads(), { ...options, directory, gradientConflicts: 'report' });
    const steps = linesOf(directory).filter(({ type }) => type === 'step');
    for (const { headGradientCosines } of steps)
      expect(Math.abs(headGradientCosines!['digit, other']!)).toBeLessThanOrEqual(1.00001);
    expect(valuesOf(told.model)).toEqual(valuesOf((await train(twoHeads(), options)).model));
  });

  it('are refused where there are none to compare, and where a step has several batches', async () => {
    await expect(
      train(tinyModel(), { ...options, data: tinySamples(12, 3), gradientConflicts: 'report' }),
    ).rejects.toThrow('train.gradientConflicts: expected two heads that learn, or more, received "digit" alone.');
    await expect(train(twoHeads(), { ...options, accumulate: 2, gradientConflicts: 'project' })).rejects.toThrow(
      'expected a batch to a step, whose gradients are projected (accumulate: 1), received accumulate: 2.',
    );
  });

  it('begin anew with a stage, unless it keeps moments', async () => {
    const directory = temporaryFolder();
    const lossBalance = { use: 'uncertainty' } as const;
    const stages = [{ name: 'one' }, { name: 'two', keepMoments: true }, { name: 'three' }];
    await train(twoHeads(), { ...options, epochs: 1, lossBalance, directory, stages } as TrainOptions);
    const [, , first, second] = linesOf(directory).filter(({ type }) => type === 'step');
    const third = linesOf(directory).filter(({ type }) => type === 'step')[4];
    expect(first.lossWeights!.digit).not.toBe(1);
    expect(second.lossWeights!.digit).not.toBe(first.lossWeights!.digit);
    expect(third.lossWeights).toEqual({ digit: 1, other: 1 });
  });

  it('are refused where nothing that heads share learns', async () => {
    const asked = train(twoHeads(), { ...options, train: ['heads'], lossBalance: { use: 'gradient-norm' } });
    await expect(asked).rejects.toThrow(ConfigError);
    await expect(asked).rejects.toThrow(/^train\.lossBalance\.over: expected patterns of what the heads share/);
  });
});

describe('weights of losses that change', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('go along a line, and stay at its end', () => {
    const weights = { a: { from: 0, to: 1 }, b: { from: 2, to: 1, over: 0.5 }, c: { from: 1, to: 3, over: 3 }, d: 7 };
    const at = (step: number) => Object.values(lossWeightsAt(weights, step, 9)).map((own) => Number(own.toFixed(4)));
    expect(at(0)).toEqual([0, 2, 1, 7]);
    expect(at(1)).toEqual([0.125, 1.75, 2, 7]);
    expect(at(4)).toEqual([0.5, 1, 3, 7]);
    expect(at(8)).toEqual([1, 1, 3, 7]);
  });

  it('leave a head uncomputed while they are 0, and are in the metrics', async () => {
    const directory = temporaryFolder();
    await train(twoHeads(), { ...options, directory, lossWeights: { other: { from: 0, to: 1 } } });
    const steps = linesOf(directory).filter(({ type }) => type === 'step');
    expect(steps[0].losses.other).toBeUndefined();
    expect(steps[1].losses.other).toBeGreaterThan(0);
    expect(steps.map(({ lossWeights }) => lossWeights!.other)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((step) => step / 7),
    );
  });
});
