import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { OnnxBackend } from './backend';
import { compile } from './compile/compile';
import { TensorUnavailableError } from './errors';
import { exportOnnx } from './export/export-onnx';
import { draw } from './export/exported-models';
import { registerOnnxBackend } from './register-onnx-backend';
import type { StoredColumns } from './stored-values';

let backend: OnnxBackend;
beforeAll(async () => {
  backend = registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** What stands before the values in the file; not a multiple of the pages that files are mapped in. */
const offset = 88;

function temporaryFile(values: Float32Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-stored-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'weights');
  writeFileSync(path, Buffer.concat([Buffer.alloc(offset), Buffer.from(values.buffer)]));
  return path;
}

async function storedTensor(path: string, shape: number[], columns?: StoredColumns): Promise<tf.Tensor2D> {
  const { ino, size, mtimeMs } = await stat(path);
  const version = { inode: ino, size, modifiedMs: mtimeMs };
  const attributes = { path, offset, shape, version, ...(columns && { columns }) };
  return tf.engine().runKernel('StoredTensor', {}, attributes as unknown as tf.NamedAttrMap) as tf.Tensor2D;
}

const isUnread = (tensor: tf.Tensor) => backend.tensorData(tensor).isUnread;

const [rows, width] = [37, 21];
const matrix = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i));

/** Columns start … start + count − 1 of the matrix, each a row. */
const transposedColumns = (start: number, count: number) =>
  Float32Array.from({ length: count * rows }, (_, i) => matrix[(i % rows) * width + start + Math.floor(i / rows)]!);

const layouts = [
  { layout: 'as it stands there', shape: [rows, width], columns: undefined, expected: matrix },
  {
    layout: 'the transpose of a matrix',
    shape: [width, rows],
    columns: { matrix: [rows, width], start: 0, count: width },
    expected: transposedColumns(0, width),
  },
  {
    layout: 'the transpose of some columns',
    shape: [5, rows],
    columns: { matrix: [rows, width], start: 9, count: 5 },
    expected: transposedColumns(9, 5),
  },
] as const;

describe.each(layouts)('a tensor in a file, $layout', ({ shape, columns, expected }) => {
  const make = () => storedTensor(temporaryFile(matrix), [...shape], columns as StoredColumns | undefined);

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

it('a tensor in a file that is disposed is not read', async () => {
  const path = temporaryFile(matrix);
  const weight = await storedTensor(path, [rows, width]);
  rmSync(path);
  expect(() => weight.dispose()).not.toThrow();
});
