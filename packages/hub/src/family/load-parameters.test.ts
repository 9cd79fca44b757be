import { ConfigError, Module, ModuleBuffer, Parameter, readParameters } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { saveCheckpoint } from '../save/save-checkpoint';
import type { TensorToSave } from '../save/tensor-to-save';
import { temporaryFolder } from '../testing/test-files';
import { CheckpointKeysError } from './checkpoint-keys-error';
import type { KeyMap } from './key-map';
import { loadParameters } from './load-parameters';
import { nestedKeys } from './nested-keys';
import { saveParameters } from './save-parameters';

class Layer extends Module {
  readonly query = new Parameter([2, 3], () => new Float32Array(6));
  readonly key = new Parameter([1, 3], () => new Float32Array(3));
  readonly bias = new Parameter([2], () => new Float32Array(2));
}

class Model extends Module {
  readonly layers = [new Layer(), new Layer()];
  readonly positions = new Parameter([2, 3], () => new Float32Array(6));
  readonly scale = new Parameter([], () => new Float32Array(1));
}

const keyMap: KeyMap = {
  prefixes: ['base.'],
  entries: [
    { ours: ['layers.{i}.query', 'layers.{i}.key'], theirs: 'h.{i}.c_attn', transpose: true },
    { ours: 'layers.{i}.bias', theirs: 'h.{i}.bias', formerly: 'h.{i}.beta' },
    { ours: 'positions', theirs: 'wpe', shape: ([n, d]) => [1, n, d] },
    { ours: 'scale', theirs: 'scale' },
  ],
  ignored: [{ theirs: 'lm_head.**', reason: 'belongs to a head' }],
};

/** In their layout: c_attn is [3, 2 + 1], each column a row of query or key. */
const tensors: Record<string, { shape: number[]; data: Float32Array | Int32Array }> = {
  'h.0.c_attn': { shape: [3, 3], data: Float32Array.of(1, 4, 7, 2, 5, 8, 3, 6, 9) },
  'h.1.c_attn': { shape: [3, 3], data: Float32Array.of(11, 14, 17, 12, 15, 18, 13, 16, 19) },
  'h.0.bias': { shape: [2], data: Float32Array.of(0.5, 0.25) },
  'h.1.bias': { shape: [2], data: Float32Array.of(1.5, 1.25) },
  wpe: { shape: [1, 2, 3], data: Float32Array.of(20, 21, 22, 23, 24, 25) },
  scale: { shape: [], data: Float32Array.of(3) },
};

async function load(stored: typeof tensors, map = keyMap): Promise<Model> {
  const folder = temporaryFolder();
  await saveCheckpoint(folder, new Map(Object.entries(stored)));
  const checkpoint = await openCheckpoint(folder);
  const model = new Model();
  try {
    await loadParameters(model, checkpoint, map);
    return model;
  } finally {
    await checkpoint.close();
  }
}

async function differences(stored: typeof tensors): Promise<CheckpointKeysError> {
  const error: unknown = await load(stored).catch((reason) => reason);
  expect(error).toBeInstanceOf(CheckpointKeysError);
  return error as CheckpointKeysError;
}

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !names.includes(name)));

const renamed = (rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));

const valuesOf = async (model: Model) =>
  Object.fromEntries([...(await readParameters(model))].map(([path, { data }]) => [path, [...data]]));

const expected = {
  'layers.0.query': [1, 2, 3, 4, 5, 6],
  'layers.0.key': [7, 8, 9],
  'layers.0.bias': [0.5, 0.25],
  'layers.1.query': [11, 12, 13, 14, 15, 16],
  'layers.1.key': [17, 18, 19],
  'layers.1.bias': [1.5, 1.25],
  positions: [20, 21, 22, 23, 24, 25],
  scale: [3],
};

describe('loadParameters', () => {
  it.each([
    ['as they are named', tensors],
    ['with the prefix of a larger model', renamed((name) => `base.${name}`)],
    ['under older names', renamed((name) => name.replace('bias', 'beta'))],
    ['beside tensors of a head', { ...tensors, 'lm_head.weight': { shape: [1], data: Float32Array.of(1) } }],
  ])('splits, transposes and reshapes tensors %s', async (_, stored) => {
    expect(await valuesOf(await load(stored))).toEqual(expected);
  });

  it('passes over whatever stands outside the prefix of the model, as Python does', async () => {
    const [head, other] = [1, 2].map((value) => ({ shape: [1], data: Float32Array.of(value) }));
    const whole = { ...renamed((name) => `base.${name}`), 'v_head.summary.weight': head, 'classifier.bias': other };
    expect(await valuesOf(await load(whole))).toEqual(expected);
    const { differences: found } = await differences({
      ...whole,
      'base.v_head.bias': { shape: [1], data: Float32Array.of(3) },
    });
    expect(found.unexpected).toEqual(['base.v_head.bias']);
    const { differences: alone } = await differences({ ...tensors, 'v_head.bias': head });
    expect(alone.unexpected).toEqual(['v_head.bias']);
  });

  it('lists all that is missing, unexpected, misshaped and there twice, and loads nothing', async () => {
    const error = await differences({
      ...without('h.0.bias', 'scale'),
      'h.2.bias': { shape: [2], data: new Float32Array(2) },
      'base.wpe': { shape: [2, 3], data: new Float32Array(6) },
      'h.1.bias': { shape: [3], data: new Float32Array(3) },
    });
    expect(error.differences).toEqual({
      missing: ['h.0.bias', 'scale'],
      unexpected: ['h.2.bias'],
      misshaped: ['h.1.bias: expected [2], received [3]'],
      duplicate: ['wpe and base.wpe'],
    });
    expect(error.message).toMatch(
      /the 6 tensors of the model, received 2 missing: h\.0\.bias, scale; 1 unexpected: h\.2/,
    );
    expect(error.at('elsewhere').differences).toEqual(error.differences);
  });

  it('refuses a tensor that stands there under its former name too', async () => {
    const { differences: found } = await differences({
      ...tensors,
      'h.0.beta': { shape: [2], data: new Float32Array(2) },
    });
    expect(found).toMatchObject({ duplicate: ['h.0.bias and h.0.beta'], unexpected: [] });
  });

  it('refuses shapes with the right number of values in another order', async () => {
    const { differences: found } = await differences({ ...tensors, wpe: { ...tensors.wpe, shape: [1, 3, 2] } });
    expect(found.misshaped).toEqual(['wpe: expected [1, 2, 3], received [1, 3, 2]']);
  });

  it('refuses integers in place of floats', async () => {
    const { differences: found } = await differences({ ...tensors, scale: { shape: [], data: Int32Array.of(3) } });
    expect(found.misshaped).toEqual(['scale: expected F64 or F32 or F16 or BF16, received I32']);
  });

  it('keeps an error message short where a whole model differs', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`other.${i}`, { shape: [1], data: new Float32Array(1) }]),
    );
    const error = await differences({ ...tensors, ...many });
    expect(error.differences.unexpected).toHaveLength(50);
    expect(error.message).toMatch(/50 unexpected: other\.0.* and 30 more/);
  });

  it.each<[string, KeyMap['entries'], RegExp]>([
    [
      'leaves a parameter out',
      keyMap.entries.slice(1),
      /no entry for layers\.0\.query, layers\.0\.key, layers\.1\.query/,
    ],
    ['names a parameter twice', [...keyMap.entries, { ours: 'scale', theirs: 'temperature' }], /several for scale/],
    ['names a tensor twice', [...keyMap.entries.slice(0, 3), { ours: 'scale', theirs: 'wpe' }], /several for wpe/],
    ['joins what is not there', [{ ours: ['scale', 'shift'], theirs: 'scale' }], /no parameter shift/],
  ])('refuses a map that %s', async (_, entries, message) => {
    await expect(load(tensors, { entries })).rejects.toThrow(ConfigError);
    await expect(load(tensors, { entries })).rejects.toThrow(message);
  });
});

describe('a parameter whose rows stand in several tensors', () => {
  const parts = {
    first: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    rest: { shape: [1, 3], data: Float32Array.of(7, 8, 9) },
  };
  class Rows extends Module {
    readonly table = new Parameter([3, 3], () => new Float32Array(9));
  }
  const map = (...rows: [number, number][]): KeyMap => ({
    entries: ['first', 'rest', 'more']
      .slice(0, rows.length)
      .map((theirs, i) => ({ ours: 'table', theirs, rows: rows[i] })),
  });
  async function loadRows(keys: KeyMap): Promise<Rows> {
    const folder = temporaryFolder();
    await saveCheckpoint(folder, new Map(Object.entries(parts)));
    const checkpoint = await openCheckpoint(folder);
    const model = new Rows();
    await loadParameters(model, checkpoint, keys).finally(() => checkpoint.close());
    return model;
  }

  it('has the rows of each, and is saved as it was', async () => {
    const model = await loadRows(map([0, 2], [2, 3]));
    expect([...(await readParameters(model)).get('table')!.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const folder = temporaryFolder();
    await saveParameters(model, folder, map([0, 2], [2, 3]));
    const checkpoint = await openCheckpoint(folder);
    for (const [name, { shape, data }] of Object.entries(parts)) {
      expect(await checkpoint.read(name)).toMatchObject({ shape, data });
    }
    await checkpoint.close();
  });

  it.each([
    ['gap', map([0, 1], [2, 3])],
    ['end', map([0, 2])],
    ['overlap', map([0, 2], [1, 3])],
  ])('is refused with an %s', async (_, keys) => {
    await expect(loadRows(keys)).rejects.toThrow(/entries for all rows of a parameter.*others for table/);
  });
});

describe('integers', () => {
  class Counting extends Module {
    readonly mean = new Parameter([2], () => new Float32Array(2));
    readonly count = new ModuleBuffer([], () => new Float32Array(1));
  }
  const counting = nestedKeys(
    {
      entries: [
        {
          ours: 'mean',
          theirs: 'mean',
          derived: [
            { theirs: 'index', values: ([length]) => ({ shape: [1, length], data: Int32Array.of(0, length) }) },
          ],
        },
        { ours: 'count', theirs: 'count', dtype: 'I64' },
      ],
    },
    { ours: '', theirs: 'norm.' },
  );
  const mean = { shape: [2], data: Float32Array.of(1, 2) };
  const count = { shape: [], data: BigInt64Array.of(70_001n) };

  async function loaded(stored: Record<string, TensorToSave>): Promise<Counting> {
    const folder = temporaryFolder();
    await saveCheckpoint(folder, new Map(Object.entries(stored)));
    const checkpoint = await openCheckpoint(folder);
    const model = new Counting();
    await loadParameters(model, checkpoint, counting).finally(() => checkpoint.close());
    return model;
  }

  it.each([
    ['with', { 'norm.index': { shape: [1, 2], data: Int32Array.of(9, 9) } }],
    ['without', {}],
  ])('are kept, and what follows from a shape is saved, %s it in the checkpoint', async (_, index) => {
    const model = await loaded({ 'norm.mean': mean, 'norm.count': count, ...index });
    const folder = temporaryFolder();
    await saveParameters(model, folder, counting, { dtype: 'F16' });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.info('norm.count')).toEqual({ dtype: 'I64', shape: [] });
    expect([...(await checkpoint.read('norm.count')).data]).toEqual([70_001]);
    expect(checkpoint.info('norm.index')).toEqual({ dtype: 'I64', shape: [1, 2] });
    expect([...(await checkpoint.read('norm.index')).data]).toEqual([0, 2]);
    expect(checkpoint.names).toHaveLength(3);
    await checkpoint.close();
  });

  it('are not taken from fractions', async () => {
    const wrong = loaded({ 'norm.mean': mean, 'norm.count': { shape: [], data: Float32Array.of(1) } });
    await expect(wrong).rejects.toThrow('norm.count: expected I64, received F32');
  });
});

describe('saveParameters', () => {
  it('writes their names, shapes and order of values', async () => {
    const folder = temporaryFolder();
    await saveParameters(await load(renamed((name) => `base.${name}`)), folder, keyMap);
    const checkpoint = await openCheckpoint(folder);
    expect([...checkpoint.names].sort()).toEqual(Object.keys(tensors).sort());
    expect(checkpoint.metadata).toEqual({ format: 'pt' });
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const saved = await checkpoint.read(name);
      expect([name, saved.shape, [...saved.data]]).toEqual([name, shape, [...data]]);
    }
    await checkpoint.close();
  });

  it('stores halves where it is told to', async () => {
    const folder = temporaryFolder();
    await saveParameters(await load(tensors), folder, keyMap, { dtype: 'BF16', maxShardSize: 40 });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.info('wpe')).toEqual({ dtype: 'BF16', shape: [1, 2, 3] });
    expect([...(await checkpoint.read('wpe')).data]).toEqual([20, 21, 22, 23, 24, 25]);
    await checkpoint.close();
  });
});
