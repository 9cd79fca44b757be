import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, composeModel, createRegistry, isLearning, type Sample } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { referencePlugin } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder';
import { train } from './train';
import type { TrainOptions } from './train-options';

const registry = createRegistry([referencePlugin]);
const root = temporaryFolder();

/** Signals, among whose steps the rows of a table stand. */
const compose = () =>
  composeModel(registry, {
    hiddenSize: 4,
    encoders: { row: { use: 'table', several: { most: 3 } }, signal: { use: 'reference', numHiddenLayers: 1 } },
    fusion: { use: 'reference-splice', into: 'signal' },
    heads: { size: { use: 'reference' } },
  });

const signal = (i: number) => ({ signal: Float32Array.of(i / 10, 1, -1, 0, i / 20, 1) });
const row = (i: number) => ({ row: [i, i % 5 === 0 ? null : 100 + i, 7] });
/** Documents with no, one, two and three rows, and samples without a document. */
const data = Array.from({ length: 15 }, (_, i): Sample => {
  const documents = [
    { signal: [signal(i)] },
    { signal: [signal(i), row(i)] },
    { signal: [row(i), signal(i), row(i + 20), { row: undefined }] },
    { signal: [row(i), row(i + 30), row(i + 60), signal(i)] },
    { ...signal(i), row: [row(i).row] },
  ];
  return { ...documents[i % 5], targets: { size: i / 15 } };
});
const options = {
  data,
  epochs: 3,
  batchSize: 4,
  modalityDropout: { row: 0.4 },
  checkpointEvery: { steps: 2 },
  progress: false,
} as const satisfies TrainOptions;

const bytes = (folder: string) => readFileSync(join(folder, 'model/model.safetensors'));

describe('training on documents', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('goes on after an interruption to the same bytes, values dropped here and there, and refuses other documents', async () => {
    const straight = join(root, 'straight');
    await train(compose(), { ...options, directory: straight });
    const directory = join(root, 'interrupted');
    const controller = new AbortController();
    const onEpoch = () => controller.abort();
    await train(compose(), { ...options, directory, signal: controller.signal, onEpoch });
    const { status } = await train(compose(), { ...options, directory });
    expect(status).toBe('finished');
    expect(bytes(directory).equals(bytes(straight))).toBe(true);

    // The same values at other places are other data.
    const moved = data.map((sample, i) => (i === 1 ? { ...sample, signal: [row(1), signal(1)] } : sample));
    const again = train(compose(), { ...options, data: moved, directory });
    await expect(again).rejects.toThrow(ConfigError);
    await expect(again).rejects.toThrow('sample 1, signal');
  });

  it('lets a processor learn from the values that stand in documents', async () => {
    const model = compose();
    await train(model, { ...options, epochs: 1 });
    const { row: processor } = model.processors;
    const learned = isLearning(processor!) ? processor.files()['statistics.json'] : undefined;
    const { mean } = JSON.parse(new TextDecoder().decode(learned));
    const indices = data.flatMap((_, i) => [[], [i], [i, i + 20], [i, i + 30, i + 60], [i]][i % 5]!);
    expect(mean[0]).toBeCloseTo(indices.reduce((sum, i) => sum + i, 0) / indices.length, 9);
    model.dispose();
  });

  it('is of use: what was trained is saved, loaded, and answers documents as before, in any company', async () => {
    const model = compose();
    await train(model, options);
    await saveModel(model, join(root, 'saved'));
    const loaded = await loadModel(registry, join(root, 'saved'));
    const answers = await model.predict(data);
    expect(await loaded.predict(data)).toEqual(answers);
    const [alone] = await loaded.predict([data[3]!]);
    expect(alone!.size as number).toBeCloseTo(answers[3]!.size as number, 5);
    const order = await model.predict([
      { signal: [row(1), signal(1), row(2)] },
      { signal: [row(2), signal(1), row(1)] },
    ]);
    expect(order[0]!.size).not.toBeCloseTo(order[1]!.size as number, 7); // which row stands where counts
    model.dispose();
    loaded.dispose();
  });
});
