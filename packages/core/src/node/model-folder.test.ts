import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeModel } from '../compose-model';
import { ConfigError, FileFormatError, UnknownNameError } from '../errors';
import type { Model } from '../model';
import { readParameters } from '../parameter-values';
import { createRegistry } from '../registry';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../safetensors';
import { numbersPlugin } from '../test-parts';
import { loadModel } from './load-model';
import { saveModel } from './save-model';

const registry = createRegistry([numbersPlugin]);
const samples = [{ left: [1, 2] }, { right: [3] }, { left: [4], right: [5, 6] }];

let directory: string;
let folder: string;
let model: Model;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'polymodal-model-'));
  folder = join(directory, 'runs', 'model');
  model = composeModel(registry, {
    hiddenSize: 3,
    seed: 5,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 2 } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });
});

afterEach(async () => {
  model.dispose();
  await rm(directory, { recursive: true });
});

/** The saved weights, changed. */
async function changeWeights(change: (tensors: Map<string, NamedTensor>) => void): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const tensors = new Map(decodeSafetensors(await readFile(path), path).tensors);
  change(tensors);
  await writeFile(path, encodeSafetensors(tensors));
}

async function complaint(): Promise<string> {
  const error = await loadModel(registry, folder).then(
    () => expect.fail('the folder was loaded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FileFormatError);
  return (error as Error).message;
}

describe('saveModel and loadModel', () => {
  it('give back the same parameters and predictions, to the bit, and the same files when saved again', async () => {
    await saveModel(model, folder);
    const loaded = await loadModel(registry, folder);
    expect(await readParameters(loaded)).toEqual(await readParameters(model));
    expect(await loaded.predict(samples)).toEqual(await model.predict(samples));
    expect(loaded.config).toEqual(model.config);
    await saveModel(loaded, join(directory, 'again'));
    for (const name of [
      'config.json',
      'model.safetensors',
      'processors/left/scale.bin',
      'processors/right/scale.bin',
    ]) {
      expect(await readFile(join(directory, 'again', name))).toEqual(await readFile(join(folder, name)));
    }
    expect([...(await readFile(join(folder, 'processors', 'right', 'scale.bin')))]).toEqual([2, 0, 255]);
    loaded.dispose();
  });

  it('lose nothing where a process was killed while it replaced the folder', async () => {
    await saveModel(model, folder);
    await rename(folder, `${folder}.previous`); // the first of the two renames
    await mkdir(`${folder}.saving`); // and the new folder, whose rename did not happen
    const loaded = await loadModel(registry, folder);
    expect(await readParameters(loaded)).toEqual(await readParameters(model));
    await saveModel(loaded, folder);
    expect(await readdir(join(folder, '..'))).toEqual(['model']);
    loaded.dispose();
  });

  it('leave nothing beside the folder, and replace one that is there as a whole', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'stale.txt'), 'of an earlier model');
    await saveModel(model, folder);
    await saveModel(model, folder);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors', 'processors']);
    expect(await readdir(join(directory, 'runs'))).toEqual(['model']);
  });

  it('leave the earlier model in place when saving fails', async () => {
    await saveModel(model, folder);
    const before = await readFile(join(folder, 'model.safetensors'));
    const failing = Object.create(model, {
      processors: { value: { left: { files: () => ({ 'no/such/folder': new Uint8Array(1) }) } } },
    }) as Model;
    await expect(saveModel(failing, folder)).rejects.toThrow();
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(before);
    expect(await readdir(join(directory, 'runs'))).toEqual(['model']);
  });

  it('refuse a folder that is not there, or half there', async () => {
    expect(await complaint()).toContain(
      'expected a model folder with config.json, received a folder that does not exist',
    );
    await saveModel(model, folder);
    await rm(join(folder, 'model.safetensors'));
    expect(await complaint()).toContain('expected a model folder with model.safetensors, received a folder without it');
    await saveModel(model, folder);
    await rm(join(folder, 'config.json'));
    expect(await complaint()).toContain('expected a model folder with config.json, received a folder without it');
  });

  it('refuse files that were cut short, anywhere', async () => {
    for (const name of ['config.json', 'model.safetensors']) {
      await saveModel(model, folder);
      const { length } = await readFile(join(folder, name));
      for (const kept of [length - 3, Math.floor(length / 2), 9, 0]) {
        await truncate(join(folder, name), kept);
        expect(await complaint()).toContain(name);
      }
    }
  });

  it('refuse a config.json that saveModel did not write', async () => {
    await saveModel(model, folder);
    for (const [content, said] of [
      ['{"hidden_size": 3}', 'a config without version'],
      ['{"polymodal": 2, "config": {}}', 'version 2'],
      ['null', 'a config without version'],
      ['[]', 'a config without version'],
      ['3', 'a config without version'],
    ]) {
      await writeFile(join(folder, 'config.json'), content);
      expect(await complaint()).toContain(said);
    }
  });

  it('say what is wrong with a config in it', async () => {
    await saveModel(model, folder);
    const write = (config: unknown) => writeFile(join(folder, 'config.json'), JSON.stringify({ polymodal: 1, config }));
    await write({ ...model.config, hiddenSize: undefined });
    await expect(loadModel(registry, folder)).rejects.toThrow(ConfigError);
    await write({ ...model.config, fusion: { use: 'late' } });
    await expect(loadModel(registry, folder)).rejects.toThrow(UnknownNameError);
    await expect(loadModel(createRegistry([]), folder)).rejects.toThrow(UnknownNameError);
  });

  it('refuse weights of another model: a tensor missing, one too many, another shape', async () => {
    await saveModel(model, folder);
    await changeWeights((tensors) => tensors.delete('encoders.left.weight'));
    expect(await complaint()).toContain('received without encoders.left.weight');
    await saveModel(model, folder);
    await changeWeights((tensors) => tensors.set('encoders.third.weight', { shape: [1], data: new Float32Array(1) }));
    expect(await complaint()).toContain('received with the unknown encoders.third.weight');
    await saveModel(model, folder);
    await changeWeights((tensors) => tensors.set('encoders.left.weight', { shape: [2], data: new Float32Array(2) }));
    expect(await complaint()).toContain('encoders.left.weight: expected shape [3], received [2]');
  });
});
