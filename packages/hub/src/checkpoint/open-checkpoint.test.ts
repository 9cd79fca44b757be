import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigError,
  decodeSafetensors,
  FileFormatError,
  StateError,
  StorageError,
  UnknownNameError,
} from '@polymodal/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fixturePath, safetensorsBytes, temporaryFolder } from '../testing/test-files';
import type { Checkpoint } from './checkpoint';
import { openCheckpoint } from './open-checkpoint';

async function opened(path: string): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(path);
  onTestFinished(() => checkpoint.close());
  return checkpoint;
}

/** Opens a file with these bytes. */
async function openedBytes(bytes: Uint8Array): Promise<Checkpoint> {
  const path = join(temporaryFolder(), 'model.safetensors');
  writeFileSync(path, bytes);
  return opened(path);
}

const bits = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => [
  ...new Uint8Array(buffer, byteOffset, byteLength),
];

describe('openCheckpoint', () => {
  it('reads every integer type that Python writes as int32, and BOOL as bool', async () => {
    const checkpoint = await opened(fixturePath('dtypes.safetensors'));
    for (const [name, values] of Object.entries({
      I64: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 123456789],
      I32: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 123456789],
      I16: [0, 1, -1, 2 ** 15 - 1, -(2 ** 15), 12345],
      I8: [0, 1, -1, 127, -128, 12],
      U64: [0, 1, 2 ** 31 - 1, 5, 6, 7],
      U32: [0, 1, 2 ** 31 - 1, 5, 6, 7],
      U16: [0, 1, 65535, 5, 6, 7],
      U8: [0, 1, 255, 5, 6, 7],
    })) {
      expect(checkpoint.info(name)).toEqual({ dtype: name, shape: [2, 3] });
      expect(await checkpoint.read(name)).toEqual({ shape: [2, 3], dtype: 'int32', data: Int32Array.from(values) });
    }
    expect(await checkpoint.read('BOOL')).toEqual({
      shape: [2, 3],
      dtype: 'bool',
      data: Uint8Array.of(0, 1, 1, 0, 0, 1),
    });
  });

  it('reads F64 rounded to float32 as PyTorch rounds it, bit by bit', async () => {
    const checkpoint = await opened(fixturePath('dtypes.safetensors'));
    const [read, expected] = [await checkpoint.read('F64'), await checkpoint.read('F64 as F32')];
    expect(read.dtype).toBe('float32');
    expect(bits(read.data)).toEqual(bits(expected.data));
  });

  it('reads F16 and BF16 as values that are within half a step of what Python rounded', async () => {
    const checkpoint = await opened(fixturePath('dtypes.safetensors'));
    const { data: exact } = await checkpoint.read('F32');
    const largest = { F16: 65504, BF16: 3.3895313892515355e38 };
    for (const [dtype, step, smallest] of [
      ['F16', 2 ** -11, 2 ** -25],
      ['BF16', 2 ** -8, 2 ** -134],
    ] as const) {
      const { data } = await checkpoint.read(dtype);
      data.forEach((value, i) => {
        const tolerance = Math.max(step * Math.abs(exact[i]), smallest); // half of the last bit
        const fits = Number.isFinite(value)
          ? Math.abs(value - exact[i]) <= tolerance
          : Math.abs(exact[i]) > largest[dtype];
        if (!fits) expect.fail(`${dtype} ${i}: ${value} for ${exact[i]}`);
      });
    }
  });

  it('says where floats of 32 and 16 bits lie in their file', async () => {
    const path = fixturePath('dtypes.safetensors');
    const checkpoint = await opened(path);
    const file = readFileSync(path);
    const dataStart = 8 + Number(file.readBigUInt64LE());
    const header = JSON.parse(file.toString('utf8', 8, dataStart));
    for (const dtype of ['F32', 'F16', 'BF16']) {
      expect(checkpoint.place(dtype)).toMatchObject({ path, dtype, offset: dataStart + header[dtype].data_offsets[0] });
    }
    expect(['F64', 'I64', 'BOOL'].map((name) => checkpoint.place(name))).toEqual([undefined, undefined, undefined]);
  });

  it('reads scalars and tensors without elements', async () => {
    const checkpoint = await opened(fixturePath('dtypes.safetensors'));
    expect(await checkpoint.read('scalar')).toEqual({ shape: [], dtype: 'float32', data: Float32Array.of(2.5) });
    expect(await checkpoint.read('empty')).toEqual({ shape: [0, 3], dtype: 'float32', data: new Float32Array(0) });
    expect(checkpoint.metadata).toEqual({ format: 'pt' });
  });

  it('refuses an integer that int32 does not hold, and numbers that TensorFlow.js has not', async () => {
    const checkpoint = await opened(fixturePath('dtypes.safetensors'));
    for (const [name, value] of [
      ['too large I64', '2147483648'],
      ['too small I64', '-2147483649'],
      ['too large U64', '9223372036854775808'],
      ['too large U32', '4294967295'],
    ]) {
      const reading = checkpoint.read(name);
      await expect(reading).rejects.toThrow(FileFormatError);
      await expect(reading).rejects.toThrow(`"${name}": expected integers that int32 holds, received ${value}`);
    }
    await expect(checkpoint.read('F8')).rejects.toThrow('received F8_E4M3');
    const two = await openedBytes(
      safetensorsBytes({ a: { dtype: 'BOOL', shape: [2], data_offsets: [0, 2] } }, Uint8Array.of(1, 2)),
    );
    await expect(two.read('a')).rejects.toThrow('expected a bool of 0 or 1, received 2');
  });

  it('reads a tensor of several chunks, and one that starts at an odd byte', async () => {
    const count = 700_001;
    const data = new Uint8Array(1 + 8 * count);
    const view = new DataView(data.buffer);
    for (let i = 0; i < count; i++) view.setBigInt64(1 + 8 * i, BigInt(i * 3000 - 2 ** 30), true);
    const checkpoint = await openedBytes(
      safetensorsBytes(
        {
          byte: { dtype: 'I8', shape: [1], data_offsets: [0, 1] },
          wide: { dtype: 'I64', shape: [count], data_offsets: [1, 1 + 8 * count] },
        },
        data,
      ),
    );
    const { data: read } = await checkpoint.read('wide');
    expect(read.length).toBe(count);
    expect(read.every((value, i) => value === i * 3000 - 2 ** 30)).toBe(true);
  });

  it('gives arrays that belong to the caller, whatever is read at the same time', async () => {
    const checkpoint = await opened(fixturePath('tiny-bert.safetensors'));
    const reference = new Map(checkpoint.names.map((name) => [name, checkpoint.read(name)]));
    const again = await Promise.all(checkpoint.names.map((name) => checkpoint.read(name)));
    for (const [index, name] of checkpoint.names.entries()) {
      const first = await reference.get(name)!;
      expect(first.data.buffer).not.toBe(again[index].data.buffer);
      expect(first.data.byteLength).toBe(first.data.buffer.byteLength);
      expect(first).toEqual(again[index]);
    }
  });

  it('suggests the nearest names for one that is not there', async () => {
    const checkpoint = await opened(fixturePath('tiny-bert.safetensors'));
    expect(checkpoint.has('pooler.dense.bias')).toBe(true);
    expect(checkpoint.has('pooler.dense.bais')).toBe(false);
    expect(() => checkpoint.info('pooler.dense.bais')).toThrow(UnknownNameError);
    await expect(checkpoint.read('pooler.dense.bais')).rejects.toThrow('Did you mean "pooler.dense.bias"');
    for (const name of ['__proto__', 'constructor', '__metadata__']) expect(checkpoint.has(name)).toBe(false);
  });

  it('reads nothing after it is closed, and may be closed twice', async () => {
    const checkpoint = await openCheckpoint(fixturePath('tiny-bert'));
    await checkpoint.close();
    await checkpoint.close();
    await expect(checkpoint.read('pooler.dense.bias')).rejects.toThrow(StateError);
    expect(checkpoint.info('pooler.dense.bias').shape).toEqual([8]);
  });

  it('opens the shards that transformers writes as one checkpoint', async () => {
    const [sharded, whole] = [
      await opened(fixturePath('tiny-bert')),
      await opened(fixturePath('tiny-bert.safetensors')),
    ];
    expect([...sharded.names].sort()).toEqual([...whole.names].sort());
    expect(sharded.metadata).toEqual({ format: 'pt' });
    for (const name of whole.names) {
      expect(sharded.info(name)).toEqual({ dtype: 'BF16', shape: whole.info(name).shape });
      expect(await sharded.read(name)).toEqual(await whole.read(name)); // Python's own BF16 → float32
    }
  });

  it('reads what core writes and reads', async () => {
    const path = fixturePath('tiny-bert.safetensors');
    const checkpoint = await opened(path);
    const { tensors } = decodeSafetensors(readFileSync(path), path);
    for (const [name, { shape, data }] of tensors) {
      expect(await checkpoint.read(name)).toEqual({ shape, dtype: 'float32', data });
    }
  });

  it('says what is wrong with a path', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder.safetensors'));
    await expect(openCheckpoint(join(folder, 'none.safetensors'))).rejects.toThrow(StorageError);
    await expect(openCheckpoint(join(folder, 'x'.repeat(300)))).rejects.toThrow(StorageError);
    await expect(openCheckpoint('a\0b')).rejects.toThrow(StorageError);
    for (const path of [undefined, 5, '']) await expect(openCheckpoint(path as never)).rejects.toThrow(ConfigError);
    await expect(openCheckpoint(join(folder, 'folder.safetensors'))).rejects.toThrow('received neither');
    writeFileSync(join(folder, 'pytorch_model.bin'), 'PK');
    await expect(openCheckpoint(folder)).rejects.toThrow(/Python pickle \(pytorch_model.bin\).*python -c .*save_file/);
    writeFileSync(
      join(folder, 'model.safetensors'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n',
    );
    await expect(openCheckpoint(folder)).rejects.toThrow('git lfs pull');
    for (const path of ['', 'model.safetensors']) {
      await expect(openCheckpoint(join(folder, path))).rejects.toThrow(FileFormatError);
    }
  });

  it('notices a file that is cut short while it is open', async () => {
    const checkpoint = await openedBytes(
      safetensorsBytes({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, new Uint8Array(8)),
    );
    truncateSync(checkpoint.path, statSync(checkpoint.path).size - 1);
    await expect(checkpoint.read('a')).rejects.toThrow('then the end of the file');
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe in the place of a file', async () => {
    const path = join(temporaryFolder(), 'model.safetensors');
    symlinkSync('/dev/null', path);
    await expect(openCheckpoint(path)).rejects.toThrow('expected a file, received a device');
  });
});
