import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigError,
  composeModel,
  createRegistry,
  isLearning,
  type LearningProcessor,
  NotFittedError,
  SampleError,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { referencePlugin } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import { runStatus } from './run/run-folder';
import { temporaryFolder } from './testing/temporary-folder';
import { train } from './train';
import type { TrainOptions } from './train-options';

const registry = createRegistry([referencePlugin]);
const root = temporaryFolder();

const compose = () =>
  composeModel(registry, {
    hiddenSize: 4,
    encoders: { row: { use: 'table' }, signal: { use: 'reference', numHiddenLayers: 1 } },
    fusion: { use: 'reference' },
    heads: { size: { use: 'reference' } },
  });

interface TableSample {
  readonly row?: (number | null)[];
  readonly signal?: Float32Array;
  readonly targets: { readonly size: number };
  readonly [modality: string]: unknown;
}

/** Rows of a table with means and deviations of their own, some cells and some rows missing. */
const data = Array.from(
  { length: 12 },
  (_, i): TableSample => ({
    ...(i % 4 === 3 ? { signal: Float32Array.of(i, 1, 2) } : { row: [i, i % 5 === 0 ? null : 1000 + 50 * i, 7] }),
    targets: { size: i / 12 },
  }),
);
const others = data.map(({ targets }) => ({ row: [-999, 0, 1], targets }));
/** Rows with other means. */
const shifted = data.map(({ row, ...sample }) => ({
  ...sample,
  ...(row && { row: row.map((cell) => cell && cell + 500) }),
}));
const options = {
  data,
  evaluate: others,
  epochs: 3,
  batchSize: 4,
  checkpointEvery: { steps: 2 },
  progress: false,
} as const satisfies TrainOptions;

function processorOf(model: Pick<ReturnType<typeof compose>, 'processors'>): LearningProcessor {
  const { row } = model.processors;
  if (!isLearning(row)) throw new SampleError({ expected: 'a processor that learns', received: 'another' });
  return row;
}

const learned = (model: Parameters<typeof processorOf>[0]) =>
  JSON.parse(new TextDecoder().decode(processorOf(model).files()['statistics.json']));

describe('a processor that learns from training data', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('learns from each value of its slot once, before the first features are made, and from none of the evaluation', async () => {
    const model = compose();
    await expect(model.predict([{ row: [1, 2, 3] }])).rejects.toThrow(NotFittedError);
    const reads: number[] = [];
    const dataset = {
      length: data.length,
      get(index: number) {
        reads.push(index);
        return data[index];
      },
    };
    await train(model, { ...options, data: dataset });
    const counted = (index: number) => reads.filter((read) => read === index).length;
    expect(Math.max(...data.map((_, index) => counted(index)))).toBeLessThanOrEqual(3); // to find the first, to learn, to prepare
    const { mean, deviation } = learned(model);
    for (const column of [0, 1, 2]) {
      const cells = data.flatMap(({ row }) => row?.[column] ?? []);
      const average = cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
      const variance = cells.reduce((sum, cell) => sum + (cell - average) ** 2, 0) / cells.length;
      expect(mean[column]).toBeCloseTo(average, 9);
      expect(deviation[column]).toBeCloseTo(Math.sqrt(variance) || 1, 9);
    }
    model.dispose();
  });

  it('is saved with what it learned, and loaded with it: the same answers, to the bit, and nothing learned anew', async () => {
    const model = compose();
    await train(model, options);
    await saveModel(model, join(root, 'saved'));
    const loaded = await loadModel(registry, join(root, 'saved'));
    const samples = [{ row: [3, null, 7] }, { row: [5, 1200, 8], signal: Float32Array.of(1, 2, 3) }];
    expect(await loaded.predict(samples)).toEqual(await model.predict(samples));
    await train(loaded, { ...options, data: others, epochs: 1 });
    expect(learned(loaded)).toEqual(learned(model));
    model.dispose();
    loaded.dispose();
  });

  it('knows in a run that is gone on with what it learned there, and ends with the same bytes', async () => {
    const straight = compose();
    await train(straight, { ...options, directory: join(root, 'straight') });
    const controller = new AbortController();
    const directory = join(root, 'interrupted');
    const onEpoch = () => controller.abort();
    await train(compose(), { ...options, directory, signal: controller.signal, onEpoch });

    const again = compose();
    const fit = vi.spyOn(processorOf(again), 'fit');
    const { status } = await train(again, { ...options, directory });
    expect([status, fit.mock.calls.length]).toEqual(['finished', 0]);
    for (const file of ['model/model.safetensors', 'model/processors/row/statistics.json']) {
      expect(readFileSync(join(directory, file)).equals(readFileSync(join(root, 'straight', file)))).toBe(true);
    }
  });

  it('is refused in a run whose own learned something else', async () => {
    const directory = join(root, 'first');
    await train(compose(), { ...options, directory });
    const other = compose();
    await processorOf(other).fit(rowsOf(others));
    const resumed = train(other, { ...options, directory });
    await expect(resumed).rejects.toThrow(ConfigError);
    await expect(resumed).rejects.toThrow('row: expected a processor that has learned what that of the run');
  });

  it('says of which sample a value is that it cannot learn from', async () => {
    const bad = data.map((sample, index) => (index === 6 ? { ...sample, row: [1, 2] } : sample));
    const refused = train(compose(), { ...options, data: bad });
    await expect(refused).rejects.toThrow(SampleError);
    await expect(refused).rejects.toThrow('data, sample 6, row: expected an array of 3 cells');
  });

  it('stays as it was when its training is refused, since the folder holds a run of other data', async () => {
    const directory = join(root, 'of-other-data');
    await train(compose(), { ...options, directory });
    const model = compose();
    await expect(train(model, { ...options, data: shifted, directory })).rejects.toThrow(ConfigError);
    expect(processorOf(model).fitted).toBe(false);
    await train(model, { ...options, data: shifted });
    expect(learned(model).mean).toEqual(meansOf(shifted));
    model.dispose();
  });

  it('keeps what it knew when its training is refused', async () => {
    const directory = join(root, 'of-other-data');
    const model = compose();
    await processorOf(model).fit(rowsOf(others));
    await expect(train(model, { ...options, directory })).rejects.toThrow(ConfigError);
    expect(learned(model).mean).toEqual([-999, 0, 1]);
    model.dispose();
  });

  it('learns anew from data that were mended after they failed', async () => {
    const directory = join(root, 'mended');
    const model = compose();
    const last = data.length - 1;
    const bad = data.map((sample, index) => (index === last ? { ...sample, targets: { size: Number.NaN } } : sample));
    await expect(train(model, { ...options, data: bad, directory })).rejects.toThrow(SampleError);
    expect(processorOf(model).fitted).toBe(false);
    expect(runStatus(directory)).toBe('none');
    await expect(
      train(model, { ...options, evaluate: [{ row: [1], targets: { size: 0 } }], directory }),
    ).rejects.toThrow(SampleError);
    expect(processorOf(model).fitted).toBe(false);
    expect(runStatus(directory)).toBe('none');

    await train(model, { ...options, data: shifted, directory });
    const saved = await loadModel(registry, join(directory, 'model'));
    for (const { mean } of [learned(model), learned(saved)]) expect(mean).toEqual(meansOf(shifted));
    model.dispose();
    saved.dispose();
  });

  it.each([0, data.length - 1])('learns anew after an abort while features are made, of sample %i', async (index) => {
    const directory = join(root, `aborted-${index}`);
    const model = compose();
    const controller = new AbortController();
    const aborting = {
      length: data.length,
      get(at: number) {
        if (at === index && processorOf(model).fitted) controller.abort();
        return data[at];
      },
    };
    const { evaluate: _, ...alone } = options;
    const interrupted = await train(model, { ...alone, data: aborting, directory, signal: controller.signal });
    expect([interrupted.status, interrupted.steps]).toEqual(['interrupted', 0]);
    expect([processorOf(model).fitted, runStatus(directory)]).toEqual([false, 'none']);
    await train(model, { ...alone, data: shifted, directory });
    expect(learned(model).mean).toEqual(meansOf(shifted));
    model.dispose();
  });

  it('forgets what it learned when the first step fails', async () => {
    const model = compose();
    const huge = data.map((sample) => ({ ...sample, targets: { size: 1e30 } })); // whose square is no float32
    await expect(train(model, { ...options, data: huge })).rejects.toThrow(NonFiniteLossError);
    expect(processorOf(model).fitted).toBe(false);
    model.dispose();
  });

  it('keeps what it learned when its training is interrupted after a step', async () => {
    const model = compose();
    const controller = new AbortController();
    await train(model, { ...options, signal: controller.signal, onEpoch: () => controller.abort() });
    expect(learned(model).mean).toEqual(meansOf(data));
    model.dispose();
  });

  it('stays as it is where no sample has a value for it', async () => {
    const model = compose();
    const signals = data.filter(({ row }) => !row);
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await train(model, { ...options, data: signals, evaluate: signals });
    warned.mockRestore();
    expect(processorOf(model).fitted).toBe(false);
  });
});

async function* rowsOf(samples: typeof others): AsyncGenerator<number[]> {
  for (const { row } of samples) yield row;
}

/** The means of the columns over the cells that are there, to nine decimals. */
function meansOf(samples: readonly TableSample[]) {
  return [0, 1, 2].map((column) => {
    const cells = samples.flatMap(({ row }) => row?.[column] ?? []);
    return expect.closeTo(cells.reduce((sum, cell) => sum + cell, 0) / cells.length, 9);
  });
}
