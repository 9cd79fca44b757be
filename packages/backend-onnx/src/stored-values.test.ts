import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { OnnxBackend } from './backend';
import { capabilitiesOf } from './capabilities';
import { compile } from './compile/compile';
import { TensorUnavailableError } from './errors';
import { exportOnnx } from './export/export-onnx';
import { registerOnnxBackend } from './register-onnx-backend';
import type { StoredColumns, StoredValues } from './stored-values';
import { draw } from './testing/exported-models';

let backend: OnnxBackend;
beforeAll(async () => {
  backend = registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** What stands before the values in the file; not a multiple of the pages that files are mapped in. */
const offset = 88;

function temporaryFile(values: Float32Array | Uint16Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-stored-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'weights');
  writeFileSync(path, Buffer.concat([Buffer.alloc(offset), Buffer.from(values.buffer)]));
  return path;
}

type Type = Pick<StoredValues, 'dtype'>;

async function storedTensor(
  path: string,
  shape: number[],
  { columns, type = { dtype: 'F32' } }: { columns?: StoredColumns | undefined; type?: Type } = {},
): Promise<tf.Tensor2D> {
  const { ino, size, mtimeMs } = await stat(path);
  const version = { inode: ino, size, modifiedMs: mtimeMs };
  const stored = { path, offset, version, ...type, ...(columns && { columns }) } as StoredValues;
  return capabilitiesOf(backend).storedTensor(stored, shape) as tf.Tensor2D;
}

const isUnread = (tensor: tf.Tensor) => backend.tensorData(tensor).isUnread;

/** A type of 16 bits: a sign, an exponent, and so many bits of a fraction. */
function halves(dtype: 'F16' | 'BF16', fractionBits: number) {
  const exponents = 2 ** (15 - fractionBits);
  const bias = exponents / 2 - 1;
  const decode = (bits: number) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits & 0x7fff) >> fractionBits;
    const fraction = (bits % 2 ** fractionBits) / 2 ** fractionBits;
    if (exponent === exponents - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
  };
  const widen = ({ buffer, byteOffset, byteLength }: Uint8Array, values: Float32Array, start: number) =>
    values.set(Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), decode), start);
  return { type: { dtype, widen }, decode };
}

const float16 = halves('F16', 10);
const bfloat16 = halves('BF16', 7);

const [rows, width] = [37, 21];
const matrix = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i));
/** Below 2; from 2⁻⁷ on as float16, from 2⁻⁶³ on as bfloat16. */
const halfBits = Uint16Array.from(
  { length: rows * width },
  (_, i) => ((i % 2) << 15) | (0x2000 + ((i * 997) % 0x2000)),
);

const types = [
  { dtype: 'F32', type: { dtype: 'F32' }, stored: matrix, values: matrix },
  ...[float16, bfloat16].map(({ type, decode }) => ({
    dtype: type.dtype,
    type,
    stored: halfBits,
    values: Float32Array.from(halfBits, decode),
  })),
] as const;

/** Columns start … start + count − 1 of a matrix, each a row. */
const transposedColumns = (values: Float32Array, start: number, count: number) =>
  Float32Array.from({ length: count * rows }, (_, i) => values[(i % rows) * width + start + Math.floor(i / rows)]!);

const layouts = [
  { layout: 'as it stands there', shape: [rows, width], columns: undefined, of: (values: Float32Array) => values },
  {
    layout: 'the transpose of a matrix',
    shape: [width, rows],
    columns: { matrix: [rows, width], start: 0, count: width },
    of: (values: Float32Array) => transposedColumns(values, 0, width),
  },
  {
    layout: 'the transpose of some columns',
    shape: [5, rows],
    columns: { matrix: [rows, width], start: 9, count: 5 },
    of: (values: Float32Array) => transposedColumns(values, 9, 5),
  },
] as const;

const cases = layouts.flatMap((layout) => types.map((type) => ({ ...type, ...layout })));

describe.each(cases)('a tensor in a file as $dtype, $layout', ({ stored, values, type, shape, columns, of }) => {
  const expected = of(values);
  const make = () =>
    storedTensor(temporaryFile(stored), [...shape], { columns: columns as StoredColumns | undefined, type });

  it('is read when its values are needed', async () => {
    const tensor = await make();
    expect(isUnread(tensor)).toBe(true);
    const doubled = tf.mul(tensor, 2);
    expect(isUnread(tensor)).toBe(true);
    expect(doubled.dataSync()).toEqual(expected.map((value) => 2 * value));
    expect(tensor.dataSync()).toEqual(expected);
    expect(isUnread(tensor)).toBe(false);
  });

  it('stays there when a function that uses it is compiled', async () => {
    const weight = await make();
    const inputs = { x: draw([4, shape[1]], 1), y: draw([4, shape[0]], 2), bias: draw([...shape], 3) };
    const fn = ({ x, y, bias }: tf.NamedTensorMap) => ({
      linear: tf.engine().runKernel('FusedLinear', { x: x!, weight }) as tf.Tensor,
      product: tf.matMul(y as tf.Tensor2D, weight),
      sum: tf.add(weight, bias!),
    });
    const compiled = compile(fn);
    const actual = compiled(inputs);
    expect(isUnread(weight)).toBe(true);
    for (const [name, tensor] of Object.entries(fn(inputs))) {
      const values = actual[name as keyof typeof actual].dataSync();
      tensor.dataSync().forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-5));
    }
    compiled.dispose();
  });
});

describe.each([float16, bfloat16])('a tensor in a file as $type.dtype', ({ type, decode }) => {
  const all = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);

  it('has each of its values as the type defines it, NaN, infinities and subnormal ones too, compiled or not', async () => {
    const weight = await storedTensor(temporaryFile(all), [256, 256], { type });
    const compiled = compile(({ ids }) => tf.gather(weight, ids as tf.Tensor1D));
    const inProgram = compiled({ ids: tf.range(0, 256, 1, 'int32') }).dataSync();
    const inMemory = weight.dataSync();
    for (const bits of all) {
      const expected = decode(bits);
      if (!Object.is(inProgram[bits], expected)) expect.fail(`compiled, 0x${bits.toString(16)}: ${inProgram[bits]}`);
      if (!Object.is(inMemory[bits], expected)) expect.fail(`read, 0x${bits.toString(16)}: ${inMemory[bits]}`);
    }
    compiled.dispose();
  });

  it('is read to its end where it is larger than what is widened at a time', async () => {
    const bits = Uint16Array.from({ length: 3 * 200_001 }, (_, i) => (i * 31) % 0x7800);
    const weight = await storedTensor(temporaryFile(bits), [3, 200_001], { type });
    const values = weight.dataSync();
    expect(values).toHaveLength(bits.length);
    expect(bits.findIndex((one, i) => values[i] !== decode(one))).toBe(-1);
  });

  it.runIf(process.platform === 'linux')('is widened when it is compiled, after which its file is let go', async () => {
    const isMapped = (path: string) => readFileSync('/proc/self/maps', 'utf8').includes(path);
    const paths = { narrow: temporaryFile(all), wide: temporaryFile(new Float32Array(2 ** 16)) };
    const narrow = await storedTensor(paths.narrow, [256, 256], { type });
    const wide = await storedTensor(paths.wide, [256, 256]);
    const compiled = compile(({ ids }) => ({
      narrow: tf.gather(narrow, ids as tf.Tensor1D),
      wide: tf.gather(wide, ids as tf.Tensor1D),
    }));
    compiled({ ids: tf.tensor1d([3], 'int32') });
    expect([isMapped(paths.narrow), isMapped(paths.wide)]).toEqual([false, true]);
    compiled.dispose();
  });
});

describe('a tensor whose file has been changed', () => {
  it('is refused rather than read', async () => {
    const path = temporaryFile(matrix);
    const [replaced, touched] = [await storedTensor(path, [rows, width]), await storedTensor(path, [rows, width])];
    utimesSync(path, 1, 1);
    expect(() => touched.dataSync()).toThrow(TensorUnavailableError);
    writeFileSync(`${path}.new`, new Uint8Array(offset + matrix.byteLength));
    renameSync(`${path}.new`, path);
    expect(() => replaced.dataSync()).toThrow(/has been changed or replaced/);
    rmSync(path);
    expect(() => replaced.dataSync()).toThrow(/Load the model again/);
  });

  it('keeps the values that were read before, in what is compiled too', async () => {
    const path = temporaryFile(matrix);
    const weight = await storedTensor(path, [rows, width]);
    const expected = tf.add(weight, 1).dataSync();
    utimesSync(path, 1, 1);
    const compiled = compile(({ x }) => tf.add(weight, x));
    expect(compiled({ x: tf.scalar(1) }).dataSync()).toEqual(expected);
    compiled.dispose();
  });

  it('is still in the programs that were compiled before its file was replaced', async () => {
    const path = temporaryFile(matrix);
    const weight = await storedTensor(path, [rows, width]);
    const compiled = compile(({ ids }) => tf.gather(weight, ids as tf.Tensor1D));
    const ids = tf.tensor1d([3], 'int32');
    const expected = compiled({ ids }).dataSync();
    writeFileSync(`${path}.new`, new Uint8Array(offset + matrix.byteLength));
    renameSync(`${path}.new`, path);
    expect(compiled({ ids }).dataSync()).toEqual(expected);
    expect(expected).toEqual(matrix.slice(3 * width, 4 * width));
    compiled.dispose();
  });
});

it('a tensor in a file is written with its values when it is exported', async () => {
  const path = temporaryFile(matrix);
  const weight = await storedTensor(path, [rows, width]);
  const model = join(path, '..', 'model.onnx');
  const { externalDataPath } = await exportOnnx(
    ({ x }) => tf.add(weight, x),
    { x: draw([rows, width], 1) },
    { path: model, dynamicAxes: {} },
  );
  expect(externalDataPath).toBeNull();
  const { size } = await stat(model);
  expect(size).toBeGreaterThan(matrix.byteLength);
});

it('a tensor in a file stays there where all that needed it was disposed', async () => {
  const tensor = await storedTensor(temporaryFile(matrix), [rows, width]);
  const kept = tf.add(draw([3], 1), 1);
  tf.mul(tensor, 2).dispose(); // recorded with what is kept
  kept.dataSync();
  expect(isUnread(tensor)).toBe(true);
});

it('a tensor in a file that is disposed is not read', async () => {
  const path = temporaryFile(matrix);
  const weight = await storedTensor(path, [rows, width]);
  rmSync(path);
  expect(() => weight.dispose()).not.toThrow();
});

it('a weight in a file is rounded to 8 bits without being kept as floats beside that', async () => {
  const weight = await storedTensor(temporaryFile(matrix), [rows, width]);
  const inMemory = tf.tensor2d(matrix, [rows, width]);
  const x = draw([5, width], 3) as tf.Tensor2D;
  const by = (own: tf.Tensor2D) => {
    const run = compile(({ x }: { x: tf.Tensor2D }) => tf.matMul(x, own, false, true), { precision: 'int8' });
    onTestFinished(() => run.dispose());
    return run({ x }) as tf.Tensor;
  };
  const exact = tf.matMul(x, inMemory, false, true);
  expect([...by(weight).dataSync()]).toEqual([...by(inMemory).dataSync()]);
  expect([...by(weight).dataSync()]).not.toEqual([...exact.dataSync()]); // it is rounded
  expect(isUnread(weight)).toBe(true);
});
