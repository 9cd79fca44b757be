import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialize, Module, Parameter, RandomKey, readParameters } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { saveCheckpoint } from '../save/save-checkpoint';
import { temporaryFolder } from '../testing/test-files';
import { defineFamily } from './define-family';
import { familyConfig, optional } from './family-config';
import { createFromConfig, loadPretrained } from './load-pretrained';
import { savePretrained } from './save-pretrained';

class Leg extends Module {
  readonly weight: Parameter;

  constructor(readonly size: number) {
    super();
    this.weight = new Parameter([size], (_, key) => key.normal(size));
  }
}

const leg = defineFamily({
  architectures: { leg_model: 'LegModel' },
  within: {
    table: {
      config: 'leg_config',
      modelType: 'leg_model',
      prefix: 'leg_model.',
      ignored: [{ theirs: 'top_model.**', reason: 'the top' }],
    },
    chair: {
      config: 'leg_config',
      names: ['leg_model', undefined],
      modelType: 'leg_model',
      prefix: ['chair.leg_model.', 'leg_model.'],
      ignored: [],
    },
  },
  config: familyConfig({ hidden_size: optional(z.int().positive(), 4), scale: optional(z.number(), 1) }),
  build: ({ hiddenSize }) => new Leg(hiddenSize),
  keys: () => ({ entries: [{ ours: 'weight', theirs: 'weight' }] }),
});

async function table(config: string, tensors: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const values = () => ({ shape: [3], dtype: 'F32' as const, data: Float32Array.of(1, 2, 3) });
  await saveCheckpoint(folder, new Map(tensors.map((name) => [name, values()])));
  writeFileSync(join(folder, 'config.json'), config);
  return folder;
}

const whole = '{ "model_type": "table", "scale": 9, "leg_config": { "hidden_size": 3, "scale": 2.0 } }';

describe('a model within a larger one', () => {
  it('is loaded out of it, by its own part of the config', async () => {
    const loaded = await loadPretrained([leg], await table(whole, ['leg_model.weight', 'top_model.a.weight']));
    expect(loaded.config).toMatchObject({ hiddenSize: 3, scale: 2 });
    expect((await readParameters(loaded.model)).get('weight')?.data).toEqual(Float32Array.of(1, 2, 3));
    expect(loaded.configFile).toEqual({ model_type: 'leg_model', hidden_size: 3, scale: 2 });
  });

  it.each(['leg_model.weight', 'chair.leg_model.weight'])('is found in a whole that calls it %s', async (name) => {
    const config = '{ "model_type": "chair", "leg_config": { "model_type": "leg_model", "hidden_size": 3 } }';
    const { model } = await loadPretrained([leg], await table(config, [name, 'back.weight']));
    expect((await readParameters(model)).get('weight')?.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('is not taken for what the whole says that it has in its place', () => {
    const chair = (leg_config: object) => () => createFromConfig([leg], { model_type: 'chair', leg_config });
    expect(chair({})().config).toMatchObject({ hiddenSize: 4 });
    expect(chair({ model_type: 'wheel' })).toThrow(/model_type: expected a model of one of the given families/);
  });

  it('is saved by itself, and loaded again', async () => {
    const folder = temporaryFolder();
    await savePretrained(await loadPretrained([leg], await table(whole, ['leg_model.weight'])), folder);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toContain('"scale": 2.0,'); // as Python spelt it
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.names).toEqual(['weight']);
    await checkpoint.close();
    const { model, configFile } = await loadPretrained([leg], folder);
    expect((await readParameters(model)).get('weight')?.data).toEqual(Float32Array.of(1, 2, 3));
    expect(configFile).toMatchObject({ model_type: 'leg_model', architectures: ['LegModel'], hidden_size: 3 });
  });

  it('has the default options where the config of the whole has none for it', () => {
    const { model } = createFromConfig([leg], { model_type: 'table', leg_config: null });
    initialize(model, RandomKey.from(0));
    expect(model.size).toBe(4);
  });

  it('gives way to a family of the whole', async () => {
    const wholeTable = defineFamily({
      architectures: { table: 'Table' },
      config: familyConfig({ leg_config: z.unknown() }, ['scale']),
      build: () => new Leg(3),
      keys: () => ({ entries: [{ ours: 'weight', theirs: 'leg_model.weight' }] }),
    });
    const loaded = await loadPretrained([leg, wholeTable], await table(whole, ['leg_model.weight']));
    expect(loaded.family).toBe(wholeTable);
  });

  it('is refused with other tensors of its own, and options that are unknown', async () => {
    const other = await table(whole, ['leg_model.weight', 'leg_model.drawer.weight']);
    await expect(loadPretrained([leg], other)).rejects.toThrow('1 unexpected: leg_model.drawer.weight');
    const misspelt = () => createFromConfig([leg], { model_type: 'table', leg_config: { hiden_size: 3 } });
    expect(misspelt).toThrow(/^config\.json, leg_config: .*"hiden_size".*Did you mean "hidden_size"/);
  });

  it('is named among the known ones', () => {
    expect(() => createFromConfig([leg], { model_type: 'tabel' })).toThrow('Did you mean "table"?');
  });

  it('is not taken for one of its whole by itself: the rest of that is unexpected there', async () => {
    const alone = await table('{ "model_type": "leg_model", "hidden_size": 3 }', ['weight', 'top_model.a.weight']);
    await expect(loadPretrained([leg], alone)).rejects.toThrow('1 unexpected: top_model.a.weight');
  });
});
