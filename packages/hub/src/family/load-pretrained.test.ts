import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigError,
  initialize,
  Module,
  Parameter,
  RandomKey,
  readParameters,
  UnknownNameError,
} from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { fixturePath, temporaryFolder } from '../testing/test-files';
import { CheckpointKeysError } from './checkpoint-keys-error';
import { defineFamily } from './define-family';
import { familyConfig, optional } from './family-config';
import { createFromConfig, loadPretrained } from './load-pretrained';
import { savePretrained } from './save-pretrained';

class Table extends Module {
  readonly weight: Parameter;
  readonly extra: Parameter | undefined;

  constructor(size: number, hasExtra: boolean) {
    super();
    this.weight = new Parameter([size], (_, key) => key.normal(size));
    this.extra = hasExtra ? new Parameter([1], (_, key) => key.normal(1)) : undefined;
  }
}

const table = defineFamily({
  architectures: { table: 'TableModel', 'wide-table': 'WideTableModel' },
  config: familyConfig(
    {
      hidden_size: optional(z.int().positive(), 4),
      position_kind: optional(z.literal('absolute'), 'absolute'),
      rope_scaling: optional(z.strictObject({ scale_factor: z.number() }).nullable(), null),
      pad_token_id: optional(z.int(), 0),
    },
    ['label_smoothing'],
  ),
  build: ({ hiddenSize }, stored) => new Table(hiddenSize, stored.has('extra')),
  keys: () => ({ prefixes: ['table.'], entries: [{ ours: '*', theirs: '*' }] }),
  processor: (pretrained, { padTokenId }) => ({ padTokenId, tokenizer: pretrained.tokenizer !== undefined }),
});

const config = {
  model_type: 'table',
  hidden_size: 3,
  torch_dtype: 'float16',
  id2label: { 0: 'a' },
  label_smoothing: 1,
};

async function saved(changes: object = {}): Promise<string> {
  const folder = temporaryFolder();
  const made = createFromConfig([table], config);
  initialize(made.model, RandomKey.from(1));
  await savePretrained(made, folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...changes }));
  return folder;
}

describe('loadPretrained', () => {
  it('gives the model, its config in camelCase, and the processor', async () => {
    const folder = await saved({ rope_scaling: { scale_factor: 2 }, position_kind: null, pad_token_id: 7 });
    const loaded = await loadPretrained([table], folder);
    expect(loaded.config).toMatchObject({
      hiddenSize: 3,
      positionKind: 'absolute',
      ropeScaling: { scaleFactor: 2 },
      padTokenId: 7,
    });
    expect(loaded.processor).toEqual({ padTokenId: 7, tokenizer: false });
    expect(loaded.model.weight.value.shape).toEqual([3]);
    expect(loaded.model.extra?.isInitialized).toBe(true);
  });

  it.each<[string, object, RegExp]>([
    [
      'an option that is not implemented',
      { position_kind: 'relative' },
      /config\.json, position_kind: expected "absolute", received "relative"/,
    ],
    [
      'an option that nobody knows',
      { hidden_siez: 3 },
      /config\.json: expected only known options, received "hidden_siez"\. Did you mean "hidden_size"/,
    ],
    [
      'an unknown option within one',
      { rope_scaling: { scale_factor: 1, kind: 'x' } },
      /config\.json, rope_scaling: .*received "kind"/,
    ],
    ['a value of the wrong type', { hidden_size: '3' }, /config\.json, hidden_size: expected a number, received "3"/],
  ])('refuses %s by name', async (_, changes, message) => {
    const folder = await saved(changes);
    await expect(loadPretrained([table], folder)).rejects.toThrow(ConfigError);
    await expect(loadPretrained([table], folder)).rejects.toThrow(message);
  });

  it('passes over what other tools write into config.json, as Python does', async () => {
    const ofTools = { unsloth_version: '2025.1', xla_device: true, 'transformers.js_config': { dtype: 'q8' } };
    const loaded = await loadPretrained([table], await saved({ ...ofTools, quantization_config: null }));
    expect(loaded.configFile).toMatchObject(ofTools);
    expect(Object.keys(loaded.config)).not.toContain('unslothVersion');
  });

  it.each<[object, RegExp]>([
    [{ hiddenSize: 3 }, /received "hiddenSize"\. Did you mean "hidden_size"/],
    [{ quantization_config: { bits: 4 } }, /quantization_config: expected none, since quantised weights are not/],
  ])('does not pass over %j', async (changes, message) => {
    await expect(loadPretrained([table], await saved(changes))).rejects.toThrow(message);
  });

  it('takes the model_type from the architectures where there is none', async () => {
    const classes = { model_type: undefined, architectures: ['WideTableForSorting'] };
    expect((await loadPretrained([table], await saved(classes))).configFile.model_type).toBe('wide-table');
    const unknown = await saved({ model_type: null, architectures: ['Chair'] });
    await expect(loadPretrained([table], unknown)).rejects.toThrow(
      /config\.json: expected a model_type, received none, and the architectures Chair\. .*"table", "wide-table"/,
    );
  });

  it('says which families it was given', async () => {
    const folder = await saved({ model_type: 'tabel' });
    await expect(loadPretrained([table], folder)).rejects.toThrow(UnknownNameError);
    await expect(loadPretrained([table], folder)).rejects.toThrow(
      /received "tabel"\. Did you mean "table"\? Known: table, wide-table/,
    );
  });

  it('refuses a checkpoint of another size', async () => {
    const folder = await saved({ hidden_size: 5 });
    await expect(loadPretrained([table], folder)).rejects.toThrow(CheckpointKeysError);
    await expect(loadPretrained([table], folder)).rejects.toThrow(
      /model\.safetensors: .*1 misshaped: weight: expected \[5\], received \[3\]/,
    );
  });
});

describe('savePretrained', () => {
  it('writes what Python loads: the config as it was, the class, the type, the weights', async () => {
    const folder = await saved({ model_type: 'wide-table', architectures: ['WideTableForTask'] });
    writeFileSync(join(folder, 'tokenizer.json'), '{"model": {}}');
    const loaded = await loadPretrained([table], folder);
    const copy = temporaryFolder();
    await savePretrained(loaded, copy, { dtype: 'F16' });
    expect(JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8'))).toEqual({
      model_type: 'wide-table',
      architectures: ['WideTableModel'],
      hidden_size: 3,
      id2label: { 0: 'a' },
      label_smoothing: 1,
      dtype: 'float16',
    });
    expect(readFileSync(join(copy, 'tokenizer.json'), 'utf8')).toBe('{"model": {}}');
    const checkpoint = await openCheckpoint(copy);
    expect(checkpoint.info('weight')).toEqual({ dtype: 'F16', shape: [3] });
    await checkpoint.close();
  });

  it('is undone by loadPretrained, bit by bit', async () => {
    const loaded = await loadPretrained([table], await saved());
    const copy = temporaryFolder();
    await savePretrained(loaded, copy);
    const again = await loadPretrained([table], copy);
    expect(await readParameters(again.model)).toEqual(await readParameters(loaded.model));
  });

  it('replaces what it saved, keeps the files of others, and leaves a folder alone that it did not save', async () => {
    const folder = temporaryFolder();
    const made = (seed: number) => {
      const { model, ...rest } = createFromConfig([table], { ...config, hidden_size: 2 + seed });
      initialize(model, RandomKey.from(seed));
      return { model, ...rest };
    };
    writeFileSync(join(folder, 'README.md'), "the user's own");
    await savePretrained(made(1), folder);
    writeFileSync(join(folder, 'notes.txt'), "the user's own");
    await savePretrained(made(2), folder, { maxShardSize: 8 });
    expect((await loadPretrained([table], folder)).config.hiddenSize).toBe(4);
    for (const name of ['README.md', 'notes.txt'])
      expect(readFileSync(join(folder, name), 'utf8')).toBe("the user's own");
    expect(existsSync(join(folder, 'model.safetensors'))).toBe(false);

    writeFileSync(join(folder, 'config.json'), '{"model_type": "table", "hidden_size": 5}');
    await expect(savePretrained(made(3), folder)).rejects.toThrow('config.json: expected a free place');
    const python = temporaryFolder();
    cpSync(fixturePath('tiny-bert'), python, { recursive: true });
    await expect(savePretrained(made(1), python)).rejects.toThrow(/expected an empty folder, .* config.json/);
    expect(readdirSync(python)).toEqual(readdirSync(fixturePath('tiny-bert')));
  });

  it('is read as a whole where it was killed in the middle, shards put in place or not', async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    const made = createFromConfig([table], config);
    initialize(made.model, RandomKey.from(1));
    await savePretrained(made, folder);
    initialize(Object.assign(made.model, new Table(3, true)), RandomKey.from(2));
    await savePretrained(made, other, { maxShardSize: 8 });
    const committed = join(folder, '.polymodal', 'committed-.polymodal.json');
    mkdirSync(join(folder, '.polymodal'));
    renameSync(other, committed); // the one rename
    mkdirSync(other); // for the end of the test
    rmSync(join(folder, 'config.json')); // what follows
    renameSync(join(committed, 'model-00001-of-00002.safetensors'), join(folder, 'model-00001-of-00002.safetensors'));
    const loaded = await loadPretrained([table], folder);
    expect(await readParameters(loaded.model)).toEqual(await readParameters(made.model));
  });
});
