import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Metrics, type Model, UnknownNameError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { BestOptions } from './run/best-epoch';
import { temporaryFolder } from './testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';
import type { TrainOptions } from './train-options';

/** Says of each evaluation what it is told to, in turn: of one before the first epoch, and then of each. */
class ScriptedHead extends ClassHead {
  evaluations = 0;

  constructor(readonly script: readonly number[]) {
    super();
  }

  override evaluate(): Metrics {
    return { error: this.script[this.evaluations++ % this.script.length] };
  }
}

const data = tinySamples(6);
const common = { data, evaluate: data, batchSize: 3, learningRate: 0.05, seed: 1, progress: false } as const;
const lowest = { by: 'digit.error', order: 'lowest' } as const;

const valuesOf = (model: Model) => [...model.parameters()].map(([path, { value }]) => [path, [...value.dataSync()]]);

/** Trains on figures that are written down, the first of them of before the first epoch. */
async function trainOn(script: readonly number[], best: BestOptions, options: Partial<TrainOptions> = {}) {
  const model = tinyModel({ heads: { digit: new ScriptedHead(script) } });
  const after: unknown[] = [];
  const onEpoch = () => void after.push(valuesOf(model));
  const result = await train(model, { ...common, epochs: 5, best, onEpoch, ...options } as TrainOptions);
  return { result, after, end: valuesOf(model) };
}

describe('the best epoch', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    [lowest, [9, 3, 1, 2, 1, 4], 2], // and of equal ones the first
    [{ by: 'digit.error', order: 'highest' }, [9, 3, 1, 2, 1, 4], 5],
    [lowest, [9, Number.NaN, 7, 8, 8, 8], 2],
  ] as const)(
    'by %o of the figures %o is epoch %i, whose parameters the model ends with',
    async (best, script, epoch) => {
      const { result, after, end } = await trainOn(script, best);
      expect(result.best).toEqual({ epoch, value: script[epoch] });
      expect(result.epochs).toHaveLength(5);
      expect(end).toEqual(after[epoch - 1]);
      expect(new Set(after.map((own) => JSON.stringify(own))).size).toBe(5);
    },
  );

  it('ends a training that has become no better for as long as its patience', async () => {
    const { result, end, after } = await trainOn([9, 3, 2, 5, 2, 1], { ...lowest, patience: 2 });
    expect(result.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(result).toMatchObject({ status: 'finished', best: { epoch: 2, value: 2 }, steps: 8 });
    expect(end).toEqual(after[1]);
  });

  it('is kept in the folder of a run, which goes on to the same end, and is finished', async () => {
    const script = [9, 3, 2, 5, 4, 6];
    const whole = await trainOn(script, lowest);
    const directory = temporaryFolder();
    const stop = new AbortController();
    const first = await trainOn(script, lowest, {
      directory,
      signal: stop.signal,
      onEpoch: ({ epoch }) => epoch === 3 && stop.abort(),
    } as Partial<TrainOptions>);
    expect(first.result).toMatchObject({ status: 'interrupted' });
    expect(existsSync(join(directory, 'best/epoch-2/model.safetensors'))).toBe(true);
    const second = await trainOn(script.slice(4), lowest, { directory });
    expect(second.result.best).toEqual({ epoch: 2, value: 2 });
    expect(second.end).toEqual(whole.end);
    const again = await trainOn(script, lowest, { directory });
    expect(again.end).toEqual(whole.end);
  });

  it.each([
    [lowest, [9, Number.NaN, 5, 4, 6, 7], 3],
    [{ ...lowest, order: 'highest' }, [9, Number.POSITIVE_INFINITY, 5, 4, 6, 7], 5],
    [lowest, [9, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN], undefined],
  ] as const)(
    'by %o of %o, which are no numbers in part, is %s, also of a run that goes on',
    async (best, script, epoch) => {
      const directory = temporaryFolder();
      const stop = new AbortController();
      const onEpoch: TrainOptions['onEpoch'] = ({ epoch: at }) => {
        if (at === 3) stop.abort();
      };
      await trainOn(script, best, { directory, signal: stop.signal, onEpoch } as Partial<TrainOptions>);
      const { result, end } = await trainOn(script.slice(4), best, { directory });
      expect(result).toMatchObject({ status: 'finished' });
      expect(result.best?.epoch).toBe(epoch);
      expect(end).toEqual((await trainOn(script, best)).end);
    },
  );

  it('that is gone from its folder is missed by name', async () => {
    const directory = temporaryFolder();
    const script = [9, 1, 2, 3, 4, 5];
    await trainOn(script, lowest, { directory });
    rmSync(join(directory, 'best'), { recursive: true });
    await expect(trainOn(script, lowest, { directory })).rejects.toThrow(/best.*resume: false/);
  });

  it('that is gone is missed before more is learned, and no other is', async () => {
    const directory = temporaryFolder();
    const stop = new AbortController();
    const onEpoch: TrainOptions['onEpoch'] = ({ epoch }) => {
      if (epoch === 3) stop.abort();
    };
    await trainOn([9, 3, 1, 2, 4, 5], lowest, { directory, signal: stop.signal, onEpoch });
    const kept = join(directory, 'best/epoch-2');
    rmSync(kept, { recursive: true });
    const learned = vi.fn();
    await expect(trainOn([4, 5], lowest, { directory, onEpoch: learned })).rejects.toThrow(/epoch-2: .*resume: false/);
    expect(learned).not.toHaveBeenCalled();
  });

  it('in whose place another model of the same shape has been put is missed, too', async () => {
    const directory = temporaryFolder();
    const script = [9, 3, 1, 2, 4, 5];
    const best = { ...lowest, keep: 2 };
    await trainOn(script, best, { directory });
    const [second, first] = [3, 2].map((epoch) => join(directory, `best/epoch-${epoch}`));
    rmSync(first, { recursive: true });
    cpSync(second, first, { recursive: true });
    await expect(trainOn(script, best, { directory })).rejects.toThrow(/epoch-2: .*another one.*resume: false/);
  });

  it('is kept with those next to it, and nothing else of the run or of others is lost or left', async () => {
    const directory = temporaryFolder();
    const best = { ...lowest, keep: 2 };
    const script = [9, 5, 4, 3, 4, 6];
    const keepOwn = ({ epoch }: { epoch: number }) => {
      if (epoch === 1) writeFileSync(join(directory, 'best/epoch-1/mine.txt'), 'mine');
      if (epoch === 3) throw new Error('killed');
    };
    await expect(trainOn(script, best, { directory, onEpoch: keepOwn })).rejects.toThrow('killed');
    const { result, end } = await trainOn(script.slice(3), best, { directory }); // from the checkpoint of the second epoch on
    expect(result.kept).toEqual([
      { epoch: 3, value: 3 },
      { epoch: 2, value: 4 },
    ]);
    expect(end).toEqual((await trainOn(script, lowest)).end);
    expect(readdirSync(join(directory, 'best')).sort()).toEqual(['epoch-1', 'epoch-2', 'epoch-3']);
    expect(readdirSync(join(directory, 'best/epoch-1'))).toEqual(['mine.txt']);
    rmSync(join(directory, 'best/epoch-1'), { recursive: true });
    await trainOn([9, 1, 2, 3, 4, 5], best, { directory, resume: false });
    expect(readdirSync(join(directory, 'best')).sort()).toEqual(['epoch-1', 'epoch-2']);
  });

  it('is averaged with those next to it, if that is asked for', async () => {
    const directory = temporaryFolder();
    const best = { ...lowest, keep: 3, average: true };
    const script = [9, 5, 4, 7, 3, 6];
    const { after, end, result } = await trainOn(script, best);
    const values = (own: unknown) => (own as [string, number[]][]).flatMap(([, each]) => each);
    const [first, second, third] = [4, 2, 1].map((epoch) => values(after[epoch - 1]));
    values(end).forEach((value, i) => {
      expect(value).toBe(Math.fround((first[i] + second[i] + third[i]) / 3));
    });
    expect(result).toMatchObject({ isMean: true, best: { epoch: 4 } });
    expect((await trainOn(script, best, { directory })).end).toEqual(end);
    expect((await trainOn(script, best, { directory })).end).toEqual(end);
    await expect(trainOn(script, { ...lowest, average: true })).rejects.toThrow(/^train\.best\.keep: /);
  });

  it('is one of the last stage', async () => {
    const stages = [{ epochs: 2 }, { epochs: 3 }];
    const { result } = await trainOn([9, 1, 1, 7, 6, 8], lowest, {
      epochs: undefined,
      stages,
    } as Partial<TrainOptions>);
    expect(result.best).toEqual({ epoch: 4, value: 6 });
  });

  it.each([
    [{ ...lowest, by: 'digits.error' }, /^train\.best\.by: .*"digits\.error".*"digit"/],
    [{ ...lowest, by: 'digit.constructor' }, /^train\.best\.by: .*"constructor"/],
    [{ ...lowest, by: 'digit.eror' }, /^train\.best\.by: .*"eror".*"error"/],
  ])('by %o is refused before anything is learned', async (best, message) => {
    const refused = trainOn([1], best);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(UnknownNameError);
  });

  it('needs samples to judge by, and a figure', async () => {
    await expect(trainOn([1], lowest, { evaluate: undefined })).rejects.toThrow(/^train\.best: .*evaluate/);
    await expect(trainOn([1], { ...lowest, by: 'digit' })).rejects.toThrow(/^train\.best\.by: /);
    await expect(trainOn([1], { by: 'digit.error' } as BestOptions)).rejects.toThrow(/^train\.best\.order: /);
    await expect(trainOn([1], { ...lowest, patience: 0 })).rejects.toThrow(/^train\.best\.patience/);
  });
});
