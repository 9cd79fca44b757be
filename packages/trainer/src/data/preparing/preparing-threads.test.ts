import { Worker } from 'node:worker_threads';
import { ConfigError, RandomKey, readParameters, reportError, SampleError, StorageError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { WorkerError } from '../../errors/worker-error';
import { evaluate } from '../../evaluation/evaluate';
import { temporaryFolder } from '../../testing/temporary-folder';
import { tinyModel, tinySamples } from '../../testing/tiny-model';
import { louder, threadedModel, unplacedPlugin } from '../../testing/tiny-plugin';
import { tinyRun } from '../../testing/tiny-run';
import { train } from '../../train';
import type { TrainOptions } from '../../train-options';
import { PreparingThreads } from './preparing-threads';
import { SamplePreparer } from './sample-preparer';

beforeAll(() => tf.setBackend('cpu'));

const augment = {
  module: new URL('../../testing/tiny-plugin.ts', import.meta.url),
  name: 'lengthening',
  options: { slot: 'a', by: 3 },
};

describe('training with workers', () => {
  /** Everything is prepared anew in each epoch, with noise, by processors that learn. */
  const run = { ...tinyRun, epochs: 2, cacheBytes: 0, augment } as const;

  async function trained(options: Partial<TrainOptions>) {
    const model = threadedModel();
    const { status, steps, epochs } = await train(model, { ...run, ...options } as TrainOptions);
    const figures = epochs.map(({ loss, terms, evaluation }) => ({ loss, terms, evaluation }));
    return { status, steps, figures, parameters: await readParameters(model) };
  }

  it('comes to the same bits as without, also where another number goes on in mid-epoch, and leaves no thread behind', async () => {
    const started = vi.spyOn(Worker.prototype, 'postMessage');
    const ended = vi.spyOn(Worker.prototype, 'terminate');
    const alone = await trained({});
    expect(started).not.toHaveBeenCalled();
    const directory = temporaryFolder();
    const interruption = new AbortController();
    let reads = 0;
    const data = {
      length: run.data.length,
      get(index: number) {
        if (++reads === run.data.length * 4 + 20) interruption.abort(); // fitting three slots, the first look, and a step or so
        return run.data[index];
      },
    };
    const first = await trained({ data, directory, workers: 2, signal: interruption.signal });
    expect(first).toMatchObject({ status: 'interrupted', figures: [] });
    expect(first.steps).toBeGreaterThan(0);
    const threads = new Set(started.mock.contexts);
    expect(threads.size).toBe(2);
    expect(new Set(ended.mock.contexts)).toEqual(threads);
    await Promise.all(ended.mock.results.map(({ value }) => value));
    expect(await trained({ directory, workers: 1 })).toEqual(alone);
  });

  it('judges by the same figures as without, and leaves no thread behind', async () => {
    const model = threadedModel();
    await train(model, { ...run, epochs: 1, evaluate: undefined } as TrainOptions);
    const samples = tinySamples(20, 5, 0.3);
    const quiet = { progress: false, batchSize: 4, cacheBytes: 0 } as const;
    const alone = await evaluate(model, samples, quiet);
    const sent = vi.spyOn(Worker.prototype, 'postMessage');
    const ended = vi.spyOn(Worker.prototype, 'terminate');
    sent.mockClear();
    ended.mockClear();
    expect(await evaluate(model, samples, { ...quiet, workers: 1 })).toEqual(alone);
    expect(sent).toHaveBeenCalledTimes(40); // each sample twice
    expect(ended).toHaveBeenCalledTimes(1);
    await expect(evaluate(model, [...samples, { a: 'x' }], { ...quiet, workers: 1 })).rejects.toThrow(
      /samples, sample 20/,
    );
    expect(ended).toHaveBeenCalledTimes(2);
  });

  it('says what threads cannot be sent, and which plugins they cannot load', async () => {
    const failing = (options: Partial<TrainOptions>, model = threadedModel()) =>
      train(model, { ...run, workers: 1, ...options } as TrainOptions).catch((error: unknown) => error);
    expect(await failing({ augment: (sample) => sample })).toMatchObject({
      constructor: ConfigError,
      message: expect.stringContaining('train.augment: expected a module'),
    });
    expect(await failing({}, threadedModel(unplacedPlugin))).toMatchObject({
      constructor: ConfigError,
      message: expect.stringMatching(/^plugin "tiny".module: .*import.meta.url/),
    });
    expect(await failing({ augment: undefined }, tinyModel())).toMatchObject({
      constructor: ConfigError,
      message: expect.stringContaining('composeModel'),
    });
  });
});

describe('PreparingThreads', () => {
  const task = (a: unknown, where = 'data, sample 3') => ({ sample: { a }, where });

  async function fitted() {
    const model = threadedModel();
    const values = async function* () {
      yield [1, 2, 3];
    };
    for (const processor of Object.values(model.processors))
      await (processor as never as { fit(v: unknown): Promise<void> }).fit(values());
    return model;
  }

  it('prepares what this thread does, and says of what it cannot read what this one would', async () => {
    const model = await fitted();
    const here = SamplePreparer.of(model, { augment: { a: [louder({ by: 2 })] } });
    const threads = await PreparingThreads.start(1, model, {
      augment: { words: { a: [{ use: 'louder', probability: 1, by: 2 }] } },
    });
    const samples = [
      { a: [1, 5], b: [2], targets: { digit: 1 } },
      { c: [0], meta: { id: new Date(0), size: 3n } },
    ];
    for (const sample of samples) {
      const own = { sample, key: RandomKey.from(3).fold('x'), where: 'sample 0' };
      expect(await threads.prepare(own)).toEqual(await here.prepare(own));
    }
    for (const [wrong, kind] of [
      [task('lost.json'), StorageError],
      [task(7), SampleError],
      [{ sample: { a: [1], targets: { digit: 9 } }, where: 'data, sample 5' }, SampleError],
    ] as const) {
      const [expected, error] = await Promise.all(
        [here, threads].map((preparer) => preparer.prepare(wrong).catch((thrown: unknown) => thrown as SampleError)),
      );
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ message: (expected as Error).message, where: (expected as SampleError).where });
    }
    const lost = await threads.prepare(task('lost.json')).catch((error: unknown) => error as StorageError);
    expect((lost as StorageError).where).toBe('data, sample 3, a, lost.json');
    expect((lost as StorageError).systemCode).toBe('ENOENT');
    class Picture {}
    for (const [value, place] of [
      [new Picture(), 'a'],
      [[1, { deep: () => 1 }], 'a.1.deep'],
    ] as const) {
      const error = await threads.prepare(task(value)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SampleError);
      expect(error).toMatchObject({ where: `data, sample 3, ${place}` });
    }
    await threads.close();
  });

  it('keeps the process alive to its end, also where an answer comes when it was told to end', async () => {
    const threads = await PreparingThreads.start(1, await fitted());
    const own = 'the sample that is answered late';
    const post = Worker.prototype.postMessage;
    let asked: { readonly worker: Worker; readonly id: number } | undefined;
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, message, ...others) {
      if (message.where === own) asked = { worker: this, id: message.id };
      else post.call(this, message, ...(others as []));
    });
    const answer = threads.prepare(task([1], own)).catch((error: unknown) => error);
    await vi.waitFor(() => expect(asked).toBeDefined());
    vi.restoreAllMocks();
    const { worker, id } = asked!;
    const unref = vi.spyOn(worker, 'unref');
    const closing = threads.close();
    worker.emit('message', { kind: 'failed', id, error: reportError(new Error('late')) });
    await closing;
    expect(await answer).toMatchObject({ message: 'late' });
    expect(unref).not.toHaveBeenCalled();
  });

  it('says in the midst of which samples a thread has ended', async () => {
    const threads = await PreparingThreads.start(1, await fitted());
    const preparing = ['data, sample 7', 'data, sample 8', 'data, sample 9'].map((where, index) =>
      threads.prepare(task(index === 1 ? [-1] : [1], where)).catch((error: unknown) => error),
    );
    const [, error] = await Promise.all(preparing);
    expect(error).toBeInstanceOf(WorkerError);
    expect((error as WorkerError).where).toContain('data, sample 8');
    expect((error as WorkerError).received).toBe('its end with exit code 3');
    await expect(threads.prepare(task([1]))).rejects.toThrow(WorkerError); // and none waits for it without end
    await threads.close();
  });
});
