import { cp, lstat, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { composeModel, composeUnchecked } from '../compose-model';
import {
  ConfigError,
  FileFormatError,
  LockedError,
  NonFiniteError,
  StateError,
  StorageError,
  UnknownNameError,
} from '../errors';
import type { Model } from '../model';
import type { UncheckedModelConfig } from '../model-config';
import { readParameters } from '../parameter-values';
import { defineProcessor } from '../plugin';
import { createRegistry } from '../registry';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../safetensors';
import { temporaryFolder } from '../testing/temporary-folder';
import { numbersPlugin } from '../testing/test-parts';
import { describeContent } from './folder/written-files';
import { loadModel } from './load-model';
import { modelManifest, parseModelManifest } from './model-manifest';
import { saveModel } from './save-model';

const registry = createRegistry([numbersPlugin]);
const samples = [{ left: [1, 2] }, { right: [3] }, { left: [4], right: [5, 6] }];

let directory: string;
let folder: string;
let model: Model;

beforeEach(() => {
  directory = temporaryFolder();
  folder = join(directory, 'runs', 'model');
  model = composed(5);
});

afterEach(() => {
  model.dispose();
});

function composed(seed: number): Model {
  return composeModel(registry, {
    hiddenSize: 3,
    seed,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 2 } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });
}

/** The saved model, changed by someone who knows how it is made. */
async function change({ config, weights }: { config?: object; weights?: (tensors: Map<string, NamedTensor>) => void }) {
  const path = join(folder, 'model.safetensors');
  const tensors = new Map(decodeSafetensors(await readFile(path), path).tensors);
  weights?.(tensors);
  const file = encodeSafetensors(tensors);
  await writeFile(path, file);
  const manifest = parseModelManifest(await readFile(join(folder, 'config.json')), '');
  const files = { ...manifest.files, 'model.safetensors': describeContent(file) };
  await writeFile(
    join(folder, 'config.json'),
    modelManifest((config ?? manifest.config) as UncheckedModelConfig, files),
  );
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

  it('refuse a model with a parameter that is NaN or infinite, and leave the one that was there', async () => {
    await saveModel(model, folder);
    const before = await readFile(join(folder, 'model.safetensors'));
    const [path, parameter] = [...model.parameters()][0];
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      parameter.assignValues(new Float32Array(parameter.size).fill(value, parameter.size - 1));
      const error = await saveModel(model, folder).catch((caught) => caught);
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error.message).toContain(
        `${path}: expected finite values, to be saved, received ${value} at position ${parameter.size - 1}`,
      );
    }
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(before);
    expect(await readdir(folder)).not.toContain('.polymodal');
    (await loadModel(registry, folder)).dispose();
  });

  it('keep what the processors of targets keep', async () => {
    const [total] = numbersPlugin.heads!;
    const seen: unknown[] = [];
    const target = defineProcessor({
      config: z.object({}),
      create: (_, { savedFile }) => {
        const words = savedFile('words.txt');
        seen.push(words && [...words]);
        return {
          process: () => ({}),
          collate: () => ({}),
          shape: () => ({}),
          files: () => ({ 'words.txt': Uint8Array.of(1, 2) }),
        };
      },
    });
    const keeping = createRegistry([{ ...numbersPlugin, heads: [{ ...total, target }] }]);
    await saveModel(composeUnchecked(keeping, model.config), folder);
    expect([...(await readFile(join(folder, 'targets', 'total', 'words.txt')))]).toEqual([1, 2]);
    (await loadModel(keeping, folder)).dispose();
    expect(seen).toEqual([undefined, [1, 2]]);
  });

  it('are loaded as models that read no files, where that is asked for', async () => {
    await saveModel(model, folder);
    expect(model.readFiles).toBe(true);
    const loaded = await loadModel(registry, folder, { readFiles: false });
    const process = vi.spyOn(loaded.processors.left!, 'process');
    await loaded.predict([{ left: [1] }]);
    expect(process).toHaveBeenCalledWith([1], { training: false, readFiles: false });
    loaded.dispose();
    await expect(loadModel(registry, folder, { readFile: false } as object)).rejects.toThrow(
      'Did you mean "readFiles"',
    );
  });

  it('go on from where a writer was killed: nothing is lost, nothing mixed', async () => {
    await saveModel(model, join(directory, 'new'));
    await saveModel(composed(6), folder);
    const committed = join(folder, '.polymodal', 'committed-config.json');
    await mkdir(join(folder, '.polymodal'));
    await rename(join(directory, 'new'), committed); // the one rename
    await rename(join(committed, 'model.safetensors'), join(folder, 'model.safetensors')); // the first of those that follow
    const loaded = await loadModel(registry, folder);
    expect(loaded.config).toEqual(model.config);
    expect(await readParameters(loaded)).toEqual(await readParameters(model));
    await saveModel(loaded, folder);
    expect(await readParameters(await loadModel(registry, folder))).toEqual(await readParameters(model));
    expect(await readdir(join(folder, '..'))).toEqual(['model']);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors', 'processors']);
  });

  it('keep the files of others, in the folder and beside it', async () => {
    await saveModel(model, folder);
    const own = [
      'README.md',
      'processors/left/notes.txt',
      '.polymodal/theirs',
      '../model.saving/a',
      '../model.previous/a',
    ];
    for (const name of own) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), "the user's own");
    }
    await saveModel(composed(6), folder);
    for (const name of own) expect(await readFile(join(folder, name), 'utf8')).toBe("the user's own");
    expect((await loadModel(registry, folder)).config.seed).toBe(6);
  });

  it('refuse a folder with other things, a file, and what is no path, and touch nothing', async () => {
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'src', 'main.ts'), "the user's own");
    await writeFile(join(folder, 'config.json'), '{"the": "user"}');
    await expect(saveModel(model, folder)).rejects.toThrow(StorageError);
    await expect(saveModel(model, folder)).rejects.toThrow(/runs.model: expected an empty folder, .* config.json, src/);
    await expect(saveModel(model, join(folder, 'config.json'))).rejects.toThrow(StorageError);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'src']);
    expect(await readFile(join(folder, 'config.json'), 'utf8')).toBe('{"the": "user"}');
    await expect(saveModel(model, '')).rejects.toThrow(ConfigError);
    await expect(saveModel(model, undefined as never)).rejects.toThrow(ConfigError);
    await expect(saveModel(undefined as never, join(directory, 'none'))).rejects.toThrow(ConfigError);
    await expect(loadModel(registry, undefined as never)).rejects.toThrow(ConfigError);
    await expect(loadModel(undefined as never, folder)).rejects.toThrow(ConfigError);
  });

  it('refuse to replace a file that was changed since', async () => {
    await saveModel(model, folder);
    await writeFile(join(folder, 'model.safetensors'), "the user's own");
    await expect(saveModel(composed(6), folder)).rejects.toThrow(
      'model.safetensors: expected a free place, or a file as saveModel',
    );
    expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe("the user's own");
  });

  it('write through a link to a folder', async () => {
    await mkdir(join(directory, 'real'));
    await symlink(join(directory, 'real'), join(directory, 'link'));
    await saveModel(model, join(directory, 'link'));
    expect((await lstat(join(directory, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readdir(join(directory, 'real'))).toContain('config.json');
  });

  it('let one write at a time, and the other know', async () => {
    const saving = await Promise.allSettled([saveModel(model, folder), saveModel(composed(6), folder)]);
    const refused = saving.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0].reason).toBeInstanceOf(LockedError);
    expect(refused[0].reason.where).toBe(folder);
    await loadModel(registry, folder);
  });

  it('keep weights in shards where they are many', async () => {
    await saveModel(model, folder, { maxShardSize: 20 });
    const shards = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
    expect(shards.length).toBeGreaterThan(1);
    const loaded = await loadModel(registry, folder);
    expect(await readParameters(loaded)).toEqual(await readParameters(model));
    await saveModel(model, folder);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors', 'processors']);
  });

  it('leave the earlier model in place when saving fails', async () => {
    await saveModel(model, folder);
    const before = await readFile(join(folder, 'model.safetensors'));
    const failing = (name: string) => {
      const processors = { left: { files: () => ({ [name]: new Uint8Array(1) }) } };
      return Object.defineProperty(composed(5), 'processors', { value: processors });
    };
    await expect(saveModel(failing('../../outside'), folder)).rejects.toThrow(ConfigError);
    await expect(saveModel(failing('a'.repeat(300)), folder)).rejects.toThrow(StorageError);
    await expect(saveModel(failing('a'), join(directory, 'other'))).resolves.toBeUndefined();
    await expect(saveModel(failing('a'.repeat(300)), join(directory, 'none'))).rejects.toThrow(
      /^[^ ]*none.processors.left.a+: .*ENAMETOOLONG/,
    );
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(before);
    expect(await readdir(folder)).not.toContain('.polymodal');
    expect((await readdir(directory)).sort()).toEqual(['other', 'runs']);
  });

  it('refuse a folder that is not there, or half there', async () => {
    expect(await complaint()).toContain('received a folder that does not exist');
    for (const name of ['model.safetensors', 'config.json']) {
      await saveModel(model, folder);
      await rm(join(folder, name));
      expect(await complaint()).toContain(`expected a model folder with ${name}, received a folder without it`);
      await rm(folder, { recursive: true });
    }
  });

  it('refuse files that were cut short, anywhere', async () => {
    for (const name of ['config.json', 'model.safetensors', 'processors/left/scale.bin']) {
      await saveModel(model, folder);
      const { length } = await readFile(join(folder, name));
      for (const kept of [length - 3, Math.floor(length / 2), 9, 0].filter((bytes) => bytes >= 0 && bytes < length)) {
        await truncate(join(folder, name), kept);
        expect(await complaint()).toContain(name);
      }
      await rm(folder, { recursive: true });
    }
  });

  it('refuse a config.json that saveModel did not write', async () => {
    await saveModel(model, folder);
    for (const [content, said] of [
      ['{"hidden_size": 3}', 'a config without version'],
      ['{"polymodal": 1, "config": {}}', 'version 1'],
      ['{"polymodal": 2, "config": {}}', 'config.json, files'],
      ['null', 'a config without version'],
      ['[]', 'a config without version'],
      ['3', 'a config without version'],
    ]) {
      await writeFile(join(folder, 'config.json'), content);
      expect(await complaint()).toContain(said);
    }
  });

  it('refuse a file of another model, a digit that changed, and a file of a processor that is gone', async () => {
    await saveModel(composed(6), join(directory, 'other'));
    const swapped = ['model.safetensors', 'config.json', 'processors/right/scale.bin'];
    for (const name of swapped) {
      await saveModel(
        composeModel(registry, {
          ...(model.config as object),
          encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 3 } },
        } as never),
        join(directory, 'third'),
      );
      await cp(join(directory, 'third'), folder, { recursive: true });
      await cp(join(directory, 'other', name), join(folder, name));
      await complaint();
    }
    await rm(folder, { recursive: true });
    await saveModel(model, folder);
    const config = await readFile(join(folder, 'config.json'), 'utf8');
    await writeFile(join(folder, 'config.json'), config.replace('"seed": 5', '"seed": 6'));
    expect(await complaint()).toContain('does not match its checksum');
    await writeFile(join(folder, 'config.json'), config);
    await rm(join(folder, 'processors', 'left', 'scale.bin'));
    expect(await complaint()).toContain('expected a model folder with processors/left/scale.bin');
  });

  it('say what is wrong with a config in it', async () => {
    await saveModel(model, folder);
    await change({ config: { ...model.config, hiddenSize: undefined } });
    await expect(loadModel(registry, folder)).rejects.toThrow(ConfigError);
    await change({ config: { ...model.config, fusion: { use: 'late' } } });
    await expect(loadModel(registry, folder)).rejects.toThrow(UnknownNameError);
    await expect(loadModel(createRegistry([]), folder)).rejects.toThrow(UnknownNameError);
  });

  it('refuse weights of another model: a tensor missing, one too many, another shape', async () => {
    const one = { shape: [1], data: new Float32Array(1) };
    const changed: [(tensors: Map<string, NamedTensor>) => void, string][] = [
      [(tensors) => tensors.delete('encoders.left.weight'), 'received without encoders.left.weight'],
      [(tensors) => tensors.set('encoders.third.weight', one), 'received with the unknown encoders.third.weight'],
      [(tensors) => tensors.set('encoders.left.weight', one), 'encoders.left.weight: expected shape [3], received [1]'],
    ];
    for (const [weights, message] of changed) {
      await saveModel(model, folder);
      await change({ weights });
      expect(await complaint()).toContain(message);
      await rm(folder, { recursive: true });
    }
  });

  it('refuse a model of which a part is of a second copy of this package', async () => {
    const parameterless = Object.create(model, { parameters: { value: () => new Map() } }) as Model;
    await expect(saveModel(parameterless, folder)).rejects.toThrow(StateError);
  });
});
