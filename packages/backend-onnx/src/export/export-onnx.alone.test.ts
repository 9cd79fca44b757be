import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureError, ExportError, ExportFileError } from '../errors';
import { registerOnnxBackend } from '../register-onnx-backend';
import {
  attention,
  convolutionalNetwork,
  draw,
  type ExportCase,
  multiLayerPerceptron,
} from '../testing/exported-models';
import { exportOnnx } from './export-onnx';
import { temporaryPath } from './temporary-path';

const folder = mkdtempSync(join(tmpdir(), 'export-'));
const path = join(folder, 'model.onnx');

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the exported file with onnxruntime-node. */
async function runFile(session: InferenceSession, inputs: tf.NamedTensorMap): Promise<Record<string, Tensor>> {
  const feeds = Object.entries(inputs).map(([name, tensor]) => {
    return [name, new Tensor(tensor.dtype as 'float32', tensor.dataSync() as Float32Array, tensor.shape)] as const;
  });
  return (await session.run(Object.fromEntries(feeds))) as Record<string, Tensor>;
}

/** Compares file and function at sizes that were not traced. 1e-5 is what other orders of summation leave. */
async function expectSame({ fn, example, options, others }: ExportCase): Promise<void> {
  await exportOnnx(fn, example, { ...options, path });
  expect(readFileSync(path).includes('com.microsoft')).toBe(false); // standard operators alone
  const session = await InferenceSession.create(path);
  for (const inputs of others()) {
    const result = tf.tidy(() => fn(inputs));
    const expected: tf.NamedTensorMap = result instanceof tf.Tensor ? { output: result } : result;
    const actual = await runFile(session, inputs);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, tensor] of Object.entries(expected)) {
      expect(actual[name]!.dims).toEqual(tensor.shape);
      const values = actual[name]!.data as Float32Array;
      tensor.dataSync().forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-5));
    }
  }
}

it('refuses an output with the name of an input, which no runtime would load', async () => {
  const exported = exportOnnx(({ x }: { x: tf.Tensor }) => ({ x: tf.neg(x) }), { x: tf.ones([2]) }, { path });
  await expect(exported).rejects.toThrow('An output has the name of an input.');
});

describe('an exported model of TensorFlow.js', () => {
  const example = { image: draw([2, 8, 8, 1], 1) };

  function convolutional(): tf.LayersModel {
    const image = tf.input({ shape: [8, 8, 1], name: 'image' });
    const convolved = tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }).apply(image);
    const normalised = tf.layers.batchNormalization().apply(convolved);
    const dropped = tf.layers.dropout({ rate: 0.5 }).apply(tf.layers.flatten().apply(normalised));
    const label = tf.layers.dense({ units: 4, activation: 'softmax', name: 'label' }).apply(dropped);
    return tf.model({ inputs: image, outputs: label as tf.SymbolicTensor });
  }

  it('gives what predict gives, dropout left out', async () => {
    const model = convolutional();
    const { inputs, outputs } = await exportOnnx(model, example, { path });
    expect(inputs.map(({ name }) => name)).toEqual(['image']);
    expect(outputs[0]!.shape).toEqual(['batch', 4]);
    const session = await InferenceSession.create(path);
    const other = draw([5, 8, 8, 1], 2);
    const actual = Object.values(await runFile(session, { image: other }))[0]!.data as Float32Array;
    const expected = (model.predict(other) as tf.Tensor).dataSync();
    expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5));
    model.dispose();
  });

  it('says which inputs it has', async () => {
    const model = convolutional();
    await expect(exportOnnx(model, { picture: example.image }, { path })).rejects.toThrow(
      'Expected: image. Received: picture',
    );
    model.dispose();
  });

  it('is refused if it is nothing of the kind', async () => {
    await expect(exportOnnx(5 as unknown as tf.LayersModel, example, { path })).rejects.toThrow(CaptureError);
  });
});

describe('an exported function gives the same in onnxruntime-node at sizes that were not traced', () => {
  it('a multi-layer perceptron', () => expectSame(multiLayerPerceptron()));
  it('a convolutional network with two outputs', () => expectSame(convolutionalNetwork()));
  it('causal attention with dynamic batch and sequence', () => expectSame(attention()));

  it('a sum whose kernel depends on the number of rows', async () => {
    const fn = ({ x }: tf.NamedTensorMap) => tf.sum(x!, 0);
    const others = () => [1, 40, 100].map((batch) => ({ x: draw([batch, 3], batch) }));
    await expectSame({ fn, example: { x: draw([60, 3], 0) }, options: {}, others });
  });

  it('with a mask from host values that grows with the sequence, up to the largest size named', async () => {
    const causal = (n: number) =>
      tf.tensor2d(
        Float32Array.from({ length: n * n }, (_, i) => +(i % n > i / n)),
        [n, n],
      );
    const fn = ({ x }: tf.NamedTensorMap) => tf.matMul(causal(x!.shape[0]!), x as tf.Tensor2D);
    const example = { x: draw([6, 3], 0) };
    const others = () => [1, 4, 16].map((length) => ({ x: draw([length, 3], length) }));
    await expect(exportOnnx(fn, example, { path })).rejects.toThrow(ExportError);
    await expectSame({ fn, example, options: { maxSizes: { batch: 16 } }, others });
  });

  it('an input that is handed through, a weight and one value under two names', async () => {
    const weight = tf.variable(draw([2, 2], 1));
    const fn = ({ x }: tf.NamedTensorMap) => {
      const y = tf.exp(x!);
      return { x2: x!, weight, y, again: tf.reshape(y, [-1]), y2: y };
    };
    await expectSame({ fn, example: { x: draw([3, 2], 0) }, options: {}, others: () => [{ x: draw([4, 2], 5) }] });
  });
});

describe('exportOnnx', () => {
  it('says what it wrote, with variables as weights under their names and named sizes', async () => {
    const weight = tf.variable(draw([6, 4], 0), true, 'classifier/weight');
    const example = { x: draw([2, 5, 6], 1) };
    const fn = ({ x }: typeof example) => tf.matMul(tf.reshape(x, [-1, 6]), weight as tf.Tensor2D);
    const dynamicAxes = { x: { 0: 'batch', 1: 'sequence' } };
    expect(await exportOnnx(fn, example, { path, dynamicAxes })).toMatchObject({
      path,
      externalDataPath: null,
      operatorSet: 21,
      irVersion: 10,
      inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 'sequence', 6] }],
      outputs: [{ name: 'output', shape: ['batch*sequence', 4] }],
    });
    expect(readdirSync(folder)).toEqual(['model.onnx']);
    expect(readFileSync(path).includes('classifier/weight')).toBe(true);
  });

  it('writes weights beyond the threshold beside the model, and removes those of the model before', async () => {
    const weight = tf.variable(draw([40, 40], 0));
    const [fn, example] = [
      ({ x }: tf.NamedTensorMap) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D),
      { x: draw([2, 40], 1) },
    ];
    const first = await exportOnnx(fn, example, { path, externalDataThreshold: 1000 });
    expect(existsSync(first.externalDataPath!)).toBe(true);
    weight.assign(draw([40, 40], 7));
    const second = await exportOnnx(fn, example, { path, externalDataThreshold: 1000 });
    expect(readdirSync(folder).sort()).toEqual(['model.onnx', second.externalDataPath!.split('/').at(-1)].sort());
    const { output } = await runFile(await InferenceSession.create(path), example);
    const expected = fn(example).dataSync();
    (output!.data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it('replaces no file that it did not write, and says what the file system refuses', async () => {
    const [fn, example] = [({ x }: tf.NamedTensorMap) => tf.neg(x!), { x: draw([2], 0) }];
    const others = `${path}.0123456789abcdef.data`;
    for (const name of [path, others]) writeFileSync(name, "the user's own");
    await expect(exportOnnx(fn, example, { path })).rejects.toThrow(ExportFileError);
    expect(readFileSync(path, 'utf8')).toBe("the user's own");
    rmSync(path);
    await exportOnnx(fn, example, { path });
    await exportOnnx(fn, example, { path });
    expect(readFileSync(others, 'utf8')).toBe("the user's own");
    await expect(exportOnnx(fn, example, { path: join(folder, 'none', 'model.onnx') })).rejects.toThrow(
      ExportFileError,
    );
    await expect(exportOnnx(fn, example, { path: folder })).rejects.toThrow('something that is no file');
  });

  it('removes what killed processes left that wrote to the same path, and nothing else', async () => {
    const ended = spawnSync(process.execPath, ['--version']).pid;
    const leftBy = (pid: number, of: string) => temporaryPath(of).replace(`-${process.pid}-`, `-${pid}-`);
    const left = [leftBy(ended, path), leftBy(ended, `${path}.0123456789abcdef.data`)];
    const elsewhere = leftBy(ended, path).replace(/[0-9a-f]{12}-/, '000000000000-');
    const others = [temporaryPath(path), elsewhere, leftBy(ended, join(folder, 'other.onnx')), `${path}.tmp`];
    for (const name of [...left, ...others]) writeFileSync(name, '');
    await exportOnnx(({ x }: tf.NamedTensorMap) => tf.neg(x!), { x: draw([2], 0) }, { path });
    expect(left.filter(existsSync)).toEqual([]);
    expect(others.filter(existsSync)).toEqual(others);
  });

  it('says what fails at a size, of a part what that threw, and what can be done', async () => {
    const few = ({ x }: { x: tf.Tensor }) => {
      if (x.shape[0] < 4) return tf.neg(x);
      throw Object.assign(
        new Error('encoder "a": expected its encode() to run. It did not.', { cause: new RangeError('too many') }),
        { code: 'PART' },
      );
    };
    await expect(exportOnnx(few, { x: tf.zeros([3, 2]) }, { path })).rejects.toThrow(
      /a function that takes {"batch":4}\. Received: too many \(encoder "a"\)\. .*leave an axis that does not have so many out of dynamicAxes/,
    );
  });

  it('is traced at sizes that a short axis takes beside others, and else names them, whatever the function throws', async () => {
    const limited = (most: number) => (inputs: tf.NamedTensorMap) => {
      const [photo, note, title] = [inputs.photo!, inputs.note!, inputs.title!];
      for (const text of [note, title]) {
        const length = text.shape[1]!;
        if (length > most) throw Object.assign(new Error(`${length} tokens are too many`), { code: 'SHAPE' });
      }
      return tf.add(tf.sum(photo, 1), tf.add(tf.sum(note, 1), tf.max(title, 1)));
    };
    const of = (rows: number, values: number, tokens: number, others: number) => ({
      photo: draw([rows, values, 2], 1),
      note: draw([rows, tokens, 2], 2),
      title: draw([rows, others, 2], 3),
    });
    const axesOf = (name: string) => ({ 0: 'rows', 1: name });
    const dynamicAxes = { photo: axesOf('values'), note: axesOf('tokens'), title: axesOf('others') };
    const others = () => [of(4, 9, 1, 6), of(2, 2, 6, 2)];
    await expectSame({ fn: limited(6), example: of(1, 1, 6, 6), options: { dynamicAxes }, others });
    await expect(exportOnnx(limited(3), of(1, 1, 3, 3), { path, dynamicAxes })).rejects.toThrow(
      /fails at a size that it was traced at.*"tokens":4.*Received: 4 tokens are too many.*traceSizes/,
    );
  });

  it('fixes all sizes without dynamic axes', async () => {
    const fn = ({ x }: tf.NamedTensorMap) => tf.unique(tf.reshape(x!, [-1])).values;
    const plain = ({ x }: tf.NamedTensorMap) => tf.mul(x!, x!.size);
    const example = { x: draw([2, 2, 3], 0) };
    const { inputs } = await exportOnnx(plain, example, { path, dynamicAxes: {} });
    expect(inputs[0]!.shape).toEqual([2, 2, 3]);
    await expect(exportOnnx(fn, example, { path, dynamicAxes: {} })).rejects.toThrow(/Unique/);
  });

  it('names the operation at which the function is not one graph', async () => {
    const example = { x: draw([6, 4], 0) };
    const branches = ({ x }: tf.NamedTensorMap) => (x!.shape[0]! % 2 === 0 ? tf.exp(x!) : tf.tanh(x!));
    await expect(exportOnnx(branches, example, { path })).rejects.toThrow(/Exp of the kernel Exp.*Tanh/);
    const root = ({ x }: tf.NamedTensorMap) => tf.mul(x!, Math.sqrt(x!.shape[0]!));
    await expect(exportOnnx(root, example, { path })).rejects.toThrow(/Mul of the kernel Multiply/);
    const half = ({ x }: tf.NamedTensorMap) => tf.slice(x!, 0, Math.ceil(x!.shape[0]! / 2));
    await expect(exportOnnx(half, example, { path })).rejects.toThrow(/Slice of the kernel Slice/);
    const random = ({ x }: tf.NamedTensorMap) => tf.mul(x!, tf.randomUniform([4]));
    await expect(exportOnnx(random, example, { path })).rejects.toThrow(/Mul of the kernel Multiply/);
  });

  it('refuses a function that reads values, writes or makes variables, or is asynchronous', async () => {
    const [example, variable] = [{ x: draw([6, 4], 0) }, tf.variable(tf.scalar(3))];
    const cases: ((inputs: tf.NamedTensorMap) => unknown)[] = [
      ({ x }) => tf.mul(x!, tf.max(x!).dataSync()[0]!),
      ({ x }) => tf.mul(x!, x!.dataSync()[0]!),
      ({ x }) => tf.mul(x!, variable.assign(tf.scalar(5)) ?? variable),
      ({ x }) => tf.mul(x!, tf.variable(tf.scalar(1))),
      async ({ x }) => tf.exp(x!),
    ];
    for (const fn of cases) await expect(exportOnnx(fn as never, example, { path })).rejects.toThrow(CaptureError);
    await expect(exportOnnx(cases[2] as never, example, { path })).rejects.toThrow(new RegExp(variable.name));
  });

  it('leaves no tensors behind, and the backend as it was', async () => {
    const { fn, example, options } = multiLayerPerceptron();
    const pending = tf.add(example.x!, 1);
    const before = tf.memory().numTensors;
    await exportOnnx(fn, example, { ...options, path });
    expect(tf.memory().numTensors).toBe(before);
    expect(pending.dataSync()[0]).toBeCloseTo(example.x!.dataSync()[0]! + 1, 6);
  });
});
