import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, ShapeError, StorageError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import type { Checkpoint, CheckpointTensor } from '../checkpoint/checkpoint';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { fixturePath, temporaryFolder } from '../testing/test-files';
import { saveCheckpoint } from './save-checkpoint';
import type { TensorToSave } from './tensor-to-save';
import { writeSafetensorsFile } from './write-safetensors-file';

const floats = (...values: number[]): TensorToSave => ({ shape: [values.length], data: Float32Array.from(values) });
const numbered = (count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [`layer.${i}`, floats(i, i + 0.5, i + 0.25, -i)]));

async function contents(path: string): Promise<Record<string, CheckpointTensor>> {
  const checkpoint = await openCheckpoint(path);
  const read = await Promise.all(checkpoint.names.map(async (name) => [name, await checkpoint.read(name)] as const));
  await checkpoint.close();
  return Object.fromEntries(read);
}

/** The stored bytes of each tensor of a file, by name. */
function stored(path: string): Record<string, { dtype: string; bytes: string }> {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__, ...entries } = JSON.parse(file.toString('utf8', 8, start));
  return Object.fromEntries(
    Object.entries(entries as Record<string, { dtype: string; data_offsets: [number, number] }>).map(
      ([name, { dtype, data_offsets }]) => {
        const [begin, end] = data_offsets;
        return [name, { dtype, bytes: file.subarray(start + begin, start + end).toString('hex') }];
      },
    ),
  );
}

async function checkpointOf(name: string, use: (checkpoint: Checkpoint) => Promise<void>): Promise<void> {
  const checkpoint = await openCheckpoint(fixturePath(name));
  await use(checkpoint).finally(() => checkpoint.close());
}

describe('writeSafetensorsFile', () => {
  it('stores every type in the very bytes that Python stores', async () => {
    const path = join(temporaryFolder(), 'all.safetensors');
    const python = stored(fixturePath('dtypes.safetensors'));
    await checkpointOf('dtypes.safetensors', async (checkpoint) => {
      const { shape, data: exact } = await checkpoint.read('F32');
      const tensors = new Map<string, TensorToSave>([
        ['F32', { shape, data: exact }],
        ['F16', { shape, data: exact.slice(), dtype: 'F16' }],
        ['BF16', { shape, data: exact.slice(), dtype: 'BF16' }],
        ['F64', { shape, data: Float64Array.from(exact, (value) => value * (1 + 1e-9)) }],
      ]);
      for (const dtype of ['I64', 'I32', 'I16', 'I8', 'U8', 'BOOL'] as const) {
        tensors.set(dtype, { ...(await checkpoint.read(dtype)), dtype });
      }
      await writeSafetensorsFile(path, tensors);
      const ours = stored(path);
      for (const name of tensors.keys()) expect(ours[name], name).toEqual(python[name]);
    });
  });

  it('stores what an array holds, unless told otherwise', async () => {
    const path = join(temporaryFolder(), 'own.safetensors');
    await writeSafetensorsFile(
      path,
      new Map([
        ['F32', { shape: [2], data: Float32Array.of(1, 2) }],
        ['F64', { shape: [1, 1], data: Float64Array.of(1) }],
        ['I32', { shape: [], data: Int32Array.of(-1) }],
        ['I64', { shape: [2], data: BigInt64Array.of(-1n, 2n ** 40n) }],
        ['U8', { shape: [3, 0], data: new Uint8Array(0) }],
      ]),
    );
    const checkpoint = await openCheckpoint(path);
    for (const name of checkpoint.names) expect(checkpoint.info(name).dtype).toBe(name);
    expect(checkpoint.metadata).toEqual({ format: 'pt' });
    await checkpoint.close();
  });

  it('begins every tensor at a multiple of its type, so that others can map the file', async () => {
    const path = join(temporaryFolder(), 'aligned.safetensors');
    const odd = (dtype: TensorToSave['dtype'], Values: Int32ArrayConstructor) => ({
      shape: [3],
      data: new Values(3),
      dtype,
    });
    const tensors = new Map(
      (['I8', 'BOOL', 'I16', 'I64', 'I32'] as const).map((dtype) => [dtype, odd(dtype, Int32Array)]),
    );
    await writeSafetensorsFile(path, tensors);
    const file = readFileSync(path);
    const start = 8 + Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.toString('utf8', 8, start));
    for (const [dtype, width] of Object.entries({ I64: 8, I32: 4, I16: 2 })) {
      expect((start + header[dtype].data_offsets[0]) % width).toBe(0);
    }
  });

  it('fetches values when their turn comes, one tensor at a time', async () => {
    const path = join(temporaryFolder(), 'lazy.safetensors');
    let underWay = 0;
    const lazy = (value: number): TensorToSave => ({
      shape: [1],
      dtype: 'F32',
      data: async () => {
        expect(++underWay).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        return Float32Array.of(value);
      },
    });
    await writeSafetensorsFile(
      path,
      new Map([
        ['a', lazy(1)],
        ['b', lazy(2)],
      ]),
    );
    expect(Object.values(await contents(path)).map(({ data }) => data[0])).toEqual([1, 2]);
  });

  it('refuses values that their type does not hold, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'model.safetensors');
    const one = Float32Array.of(1);
    const wrong: [TensorToSave, string][] = [
      [{ shape: [1], data: Int32Array.of(128), dtype: 'I8' }, 'values that I8 holds, received 128'],
      [{ shape: [1], data: Int32Array.of(-1), dtype: 'U8' }, 'values that U8 holds, received -1'],
      [{ shape: [1], data: Int32Array.of(2), dtype: 'BOOL' }, 'values that BOOL holds, received 2'],
      [{ shape: [1], data: one, dtype: 'I32' }, 'values that I32 holds, received a Float32Array'],
      [{ shape: [1], data: Int32Array.of(1), dtype: 'F32' }, 'values that F32 holds, received a Int32Array'],
      [{ shape: [1], data: one, dtype: 'F8_E4M3' }, 'received F8_E4M3'],
      [{ shape: [2], data: one }, '2 values for [2], received 1'],
      [{ shape: [-1], data: one }, 'whole numbers'],
      [{ shape: [0.5, 2], data: one }, 'whole numbers'],
      [{ shape: [1], data: async () => one }, 'yet to be fetched'],
      [{ shape: [1], dtype: 'F32', data: async () => new Float32Array(2) }, '1 values for [1], received 2'],
    ];
    for (const [tensor, message] of wrong) {
      const writing = writeSafetensorsFile(
        path,
        new Map([
          ['good', floats(1)],
          ['wrong', tensor],
        ]),
      );
      await expect(writing).rejects.toThrow(message);
      expect(await writing.catch((error) => error instanceof ConfigError || error instanceof ShapeError)).toBe(true);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses tied weights and views into one another', async () => {
    const path = join(temporaryFolder(), 'model.safetensors');
    const pool = new Float32Array(8);
    const view = (begin: number, end: number): TensorToSave => ({
      shape: [end - begin],
      data: pool.subarray(begin, end),
    });
    await writeSafetensorsFile(
      path,
      new Map([
        ['a', view(0, 4)],
        ['b', view(4, 8)],
      ]),
    );
    for (const [a, b] of [
      [view(0, 8), view(0, 8)],
      [view(0, 5), view(4, 8)],
      [view(2, 3), view(0, 8)],
    ]) {
      const tied = writeSafetensorsFile(
        path,
        new Map([
          ['wte', a],
          ['head', b],
        ]),
      );
      await expect(tied).rejects.toThrow('received memory of "wte". Save tied weights once');
    }
    const fetch = async () => pool;
    const lazy: TensorToSave = { shape: [8], dtype: 'F32', data: fetch };
    await expect(
      writeSafetensorsFile(
        path,
        new Map([
          ['a', lazy],
          ['b', lazy],
        ]),
      ),
    ).rejects.toThrow(ConfigError);
  });

  it('says that a folder is missing, and keeps the former file when the new one fails', async () => {
    const folder = temporaryFolder();
    await expect(writeSafetensorsFile(join(folder, 'none', 'a.safetensors'), numbered(1))).rejects.toThrow(
      StorageError,
    );
    const path = join(folder, 'a.safetensors');
    await writeSafetensorsFile(path, numbered(1));
    const failing: TensorToSave = { shape: [1], dtype: 'F32', data: () => Promise.reject(new RangeError('no')) };
    await expect(writeSafetensorsFile(path, new Map([['a', failing]]))).rejects.toThrow(RangeError);
    expect(Object.keys(await contents(path))).toEqual(['layer.0']);
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
  });
});

describe('saveCheckpoint', () => {
  it('writes shards of a size, and their index, as transformers names them', async () => {
    const folder = join(temporaryFolder(), 'new', 'model');
    const tensors = numbered(7).set('large', { shape: [16], data: new Float32Array(16).fill(3) });
    const names = await saveCheckpoint(folder, tensors, { maxShardSize: 40 });
    const shard = (i: number) => `model-0000${i}-of-00005.safetensors`;
    expect(names).toEqual([1, 2, 3, 4, 5].map(shard).concat('model.safetensors.index.json'));
    expect(readdirSync(folder).sort()).toEqual(['.polymodal.json', ...names].sort());
    const index = JSON.parse(readFileSync(join(folder, 'model.safetensors.index.json'), 'utf8'));
    expect(index.metadata).toEqual({ total_size: 7 * 16 + 64 });
    expect(index.weight_map['layer.0']).toBe(shard(1));
    expect(index.weight_map['layer.2']).toBe(shard(2));
    expect(index.weight_map.large).toBe(shard(4)); // does not fit with others: put down before the shard that is being filled
    expect(index.weight_map['layer.6']).toBe(shard(5));
    const read = await contents(folder);
    for (const [name, { shape, data }] of tensors) expect(read[name]).toEqual({ shape, dtype: 'float32', data });
  });

  it('splits a folder of transformers into the same shards as transformers', async () => {
    await checkpointOf('tiny-bert', async (checkpoint) => {
      const index = (folder: string) => JSON.parse(readFileSync(join(folder, 'model.safetensors.index.json'), 'utf8'));
      const python = index(fixturePath('tiny-bert'));
      const inModelOrder = Object.keys(python.weight_map).sort((a, b) => rank(a) - rank(b));
      const tensors = new Map<string, TensorToSave>();
      for (const name of inModelOrder) tensors.set(name, { ...(await checkpoint.read(name)), dtype: 'BF16' });
      const folder = temporaryFolder();
      await saveCheckpoint(folder, tensors, { maxShardSize: 1000 });
      expect(index(folder).weight_map).toEqual(python.weight_map);
      expect(index(folder).metadata.total_size).toBe(python.metadata.total_size);
      for (const name of ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']) {
        expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(fixturePath('tiny-bert'), name)));
      }
    });
  });

  it('replaces what is there: shards by a file, a file by shards, shards by fewer', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'config.json'), '{}');
    for (const [count, maxShardSize, files] of [
      [1, 16, 2],
      [6, 16, 8],
      [3, 1e9, 2],
      [3, 16, 5],
      [2, 16, 4],
      [2, 1e9, 2],
    ]) {
      await saveCheckpoint(folder, numbered(count), { maxShardSize });
      expect(Object.keys(await contents(folder))).toHaveLength(count);
      expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toHaveLength(files);
    }
    expect(existsSync(join(folder, 'config.json'))).toBe(true);
  });

  it('leaves the former weights alone when the new ones cannot be written', async () => {
    const folder = temporaryFolder();
    await saveCheckpoint(folder, numbered(3), { maxShardSize: 16 });
    const before = readdirSync(folder);
    const broken = numbered(4).set('broken', { shape: [1], data: Int32Array.of(300), dtype: 'I8' });
    await expect(saveCheckpoint(folder, broken, { maxShardSize: 16 })).rejects.toThrow(ConfigError);
    await expect(saveCheckpoint(folder, numbered(1), { maxShardSize: 0 })).rejects.toThrow('maxShardSize');
    expect(readdirSync(folder)).toEqual(before);
    expect(Object.keys(await contents(folder))).toHaveLength(3);
    mkdirSync(join(folder, 'model.safetensors')); // in the way
    await expect(saveCheckpoint(folder, numbered(1))).rejects.toThrow(StorageError);
    expect(Object.keys(await contents(join(folder, 'model.safetensors.index.json')))).toHaveLength(3);
  });

  it('never replaces weights that it did not save, and no other file', async () => {
    for (const name of ['model.safetensors', 'model-00001-of-00002.safetensors', 'model.safetensors.index.json']) {
      const folder = temporaryFolder();
      for (const file of [name, 'model_best.safetensors']) writeFileSync(join(folder, file), "the user's own");
      await expect(saveCheckpoint(folder, numbered(1))).rejects.toThrow(`one with ${name}`);
      expect(readFileSync(join(folder, name), 'utf8')).toBe("the user's own");
      await saveCheckpoint(join(folder, 'other'), numbered(1));
      expect(readdirSync(folder).sort()).toEqual([name, 'model_best.safetensors', 'other'].sort());
    }
    const path = join(temporaryFolder(), 'notes.txt');
    writeFileSync(path, "the user's own");
    await expect(writeSafetensorsFile(path, numbered(1))).rejects.toThrow(StorageError);
    expect(readFileSync(path, 'utf8')).toBe("the user's own");
  });
});

/** The order of the modules in BertModel. */
function rank(name: string): number {
  const order = [
    'word_emb',
    'position_emb',
    'token_type',
    'embeddings.L',
    'query',
    'key',
    'value',
    'attention.output.d',
  ];
  order.push('attention.output.L', 'intermediate', 'output.dense', 'output.Layer', 'pooler');
  const place = order.findIndex((part) => name.includes(part));
  return 2 * place + Number(name.endsWith('.bias'));
}
