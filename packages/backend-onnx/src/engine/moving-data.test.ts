import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';

const backend = registerOnnxBackend();
const cpu = () => tf.findBackend('cpu') as tf.KernelBackend;

/** Tensors of every type, with what they hold. */
const makers: Record<string, () => tf.Tensor> = {
  floats: () => tf.mul(tf.tensor2d([1.5, -2, Number.NaN, Infinity], [2, 2]), 2),
  integers: () => tf.add(tf.tensor1d([1, -5, 7], 'int32'), tf.scalar(1, 'int32')),
  booleans: () => tf.greater(tf.tensor1d([1, -1]), 0),
  strings: () => tf.tensor2d(['a', '', 'ä', '日本'], [2, 2]),
  'an empty tensor': () => tf.zeros([0, 3]),
  'a scalar': () => tf.add(tf.scalar(2), 3),
};

describe('tensors move between backends', () => {
  for (const [from, to] of [
    ['cpu', 'onnx'],
    ['onnx', 'cpu'],
  ] as const) {
    for (const [name, make] of Object.entries(makers)) {
      it(`${name}, from ${from} to ${to} and back`, async () => {
        await tf.setBackend(from);
        const x = make();
        const expected = { shape: x.shape, dtype: x.dtype, values: [...(make().dataSync() as unknown as number[])] };
        const found = () => ({ shape: x.shape, dtype: x.dtype, values: [...(x.dataSync() as unknown as number[])] });
        const counts = [cpu().numDataIds(), backend.numDataIds()];
        for (const side of [to, from]) {
          await tf.setBackend(side);
          tf.dispose(tf.concat([tf.reshape(x, [-1]), tf.reshape(x, [-1])])); // a kernel moves its inputs
          expect(found()).toEqual(expected);
        }
        expect([cpu().numDataIds(), backend.numDataIds()]).toEqual(counts);
      });
    }
  }

  it('complex numbers, from cpu to onnx; the cpu backend cannot take them back', async () => {
    await tf.setBackend('cpu');
    const z = tf.complex([2, 4], [3, -4]);
    await tf.setBackend('onnx');
    expect([...tf.mul(z, z).dataSync()]).toEqual([-5, 12, 0, -32]);
    expect([...tf.abs(z).dataSync()][0]).toBeCloseTo(Math.sqrt(13), 5);
  });

  it('variables too, which go on being trained', async () => {
    await tf.setBackend('cpu');
    const weight = tf.variable(tf.tensor1d([4, -4]));
    const optimizer = tf.train.sgd(0.25);
    const step = () => optimizer.minimize(() => tf.sum(tf.square(weight)) as tf.Scalar);
    for (const name of ['cpu', 'onnx', 'cpu', 'onnx']) {
      await tf.setBackend(name);
      step();
    }
    expect([...weight.dataSync()]).toEqual([0.25, -0.25]);
  });
});

describe('buffers and typed arrays', () => {
  it('tf.buffer reads and writes a tensor of its own', async () => {
    await tf.setBackend('onnx');
    const x = tf.mul(tf.tensor2d([1, 2, 3, 4], [2, 2]), 2);
    const buffer = x.bufferSync();
    expect(buffer.get(1, 0)).toBe(6);
    buffer.set(100, 1, 0);
    expect(x.arraySync()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    expect(buffer.toTensor().arraySync()).toEqual([
      [2, 4],
      [100, 8],
    ]);
    expect((await tf.buffer([2], 'string', ['a', 'b']).toTensor().array()) as unknown).toEqual(['a', 'b']);
  });

  it('an array that is given to several tensors, and changed between them, gives each its own values', async () => {
    await tf.setBackend('onnx');
    const given = Int32Array.of(1, 2);
    const first = tf.tensor1d(given);
    given[0] = 10;
    const second = tf.tensor1d(given);
    const sum = tf.add(first, second);
    given[0] = 100;
    expect([...sum.dataSync()]).toEqual([11, 4]);
    const data = await first.data();
    data[0] = 7;
    expect([...first.dataSync()]).toEqual([1, 2]);
  });

  it('tf.browser.fromPixels takes raw pixels', async () => {
    await tf.setBackend('onnx');
    const data = Uint8Array.from({ length: 2 * 3 * 4 }, (_, i) => i * 10);
    const pixels = tf.browser.fromPixels({ data, width: 3, height: 2 });
    expect([pixels.shape, pixels.dtype]).toEqual([[2, 3, 3], 'int32']);
    expect(tf.sum(tf.cast(pixels, 'float32')).dataSync()[0]).toBe(
      data.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0),
    );
    const grey = tf.browser.fromPixels({ data, width: 3, height: 2 }, 1);
    expect([...grey.dataSync()]).toEqual([0, 40, 80, 120, 160, 200]);
    const bytes = await tf.browser.toPixels(tf.div(pixels, tf.scalar(255)) as tf.Tensor3D);
    expect([...bytes.slice(0, 4)]).toEqual([0, 10, 20, 255]);
  });
});
