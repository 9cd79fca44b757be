import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OnnxBackend } from './backend';
import { fallbackKernelNames, fusedKernelNames, nativeKernelNames, registerOnnxBackend } from './register-onnx-backend';

let backend: OnnxBackend;

beforeAll(() => {
  backend = registerOnnxBackend();
});

beforeEach(async () => {
  await tf.setBackend('onnx');
});

describe('kernels that do not run natively', () => {
  it('are, together with the native ones, all that the cpu backend has', () => {
    const registered = new Set(tf.getKernelsForBackend('onnx').map(({ kernelName }) => kernelName));
    const missing = tf.getKernelsForBackend('cpu').filter(({ kernelName }) => !registered.has(kernelName));
    expect(missing).toEqual([]);
    expect(registered.size).toBe([...nativeKernelNames(), ...fallbackKernelNames(), ...fusedKernelNames()].length);
  });

  it('handle strings', () => {
    const words = tf.tensor1d(['one', 'zwei', '三']);
    expect(tf.concat([tf.reshape(words, [3, 1]), tf.fill([3, 1], 'x')], 1).arraySync()).toEqual([
      ['one', 'x'],
      ['zwei', 'x'],
      ['三', 'x'],
    ]);
    expect([...tf.equal(words, tf.tensor1d(['one', 'two', '三'])).dataSync()]).toEqual([1, 0, 1]);
    expect(tf.string.stringSplit(tf.tensor1d(['a b']), ' ').values.dataSync()).toEqual(['a', 'b']);
  });

  it('handle complex numbers, and what is computed from them', () => {
    const z = tf.complex(tf.mul(tf.tensor1d([1, 2]), 1), tf.tensor1d([3, -4]));
    expect([...z.dataSync()]).toEqual([1, 3, 2, -4]);
    const square = tf.mul(z, z);
    expect([...tf.real(square).dataSync()]).toEqual([-8, -12]);
    expect([...tf.imag(square).dataSync()]).toEqual([6, -16]);
    expect([...tf.add(tf.abs(tf.complex([3], [4])), 1).dataSync()]).toEqual([6]);
    const signal = tf.tensor1d([1, 2, 3, 4]);
    const back = tf.irfft(tf.rfft(signal));
    back.dataSync().forEach((value, i) => expect(value).toBeCloseTo(i + 1, 5));
  });

  it('mix with recorded ones, before and after', () => {
    const image = tf.reshape(tf.mul(tf.range(0, 16), 2), [1, 4, 4, 1]) as tf.Tensor4D;
    const larger = tf.image.cropAndResize(image, tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], 'int32'), [8, 8]);
    const mean = tf.mean(tf.mul(larger, 0.5)).dataSync()[0]!;
    expect(mean).toBeCloseTo(7.5, 5);
    expect(backend.statistics().fallbacks.CropAndResize).toBeGreaterThan(0);
  });

  it('take integers and booleans where the native kernel takes floats only', () => {
    expect([...tf.mod(tf.tensor1d([-7, 7], 'int32'), tf.tensor1d([3, 0], 'int32')).dataSync()]).toEqual([2, 0]);
    expect([...tf.max(tf.tensor2d([0, 1, 0, 0], [2, 2], 'bool'), 1).dataSync()]).toEqual([1, 0]);
  });

  it('draw random numbers and sample from logits', () => {
    const samples = tf.multinomial(tf.tensor2d([[0, 50, 0]]), 20, 3);
    expect([...samples.dataSync()]).toEqual(new Array(20).fill(1));
    const uniform = tf.randomUniform([1000], 0, 1, 'float32', 5);
    expect(tf.mean(uniform).dataSync()[0]).toBeCloseTo(0.5, 1);
  });

  it('do not leak', () => {
    const run = () =>
      tf.tidy(() => {
        const z = tf.fft(tf.complex(tf.ones([8]), tf.zeros([8])));
        tf.abs(z).dataSync();
        tf.image.resizeBilinear(tf.ones([1, 2, 2, 1]) as tf.Tensor4D, [3, 3]).dataSync();
        tf.concat([tf.fill([1], 'a'), tf.fill([1], 'b')]).dataSync();
      });
    run();
    const start = {
      tensors: tf.memory().numTensors,
      ids: backend.numDataIds(),
      cpu: (tf.findBackend('cpu') as tf.KernelBackend).numDataIds(),
    };
    for (let i = 0; i < 10; i++) run();
    expect(tf.memory().numTensors).toBe(start.tensors);
    expect(backend.numDataIds()).toBe(start.ids);
    expect((tf.findBackend('cpu') as tf.KernelBackend).numDataIds()).toBe(start.cpu);
  });
});
