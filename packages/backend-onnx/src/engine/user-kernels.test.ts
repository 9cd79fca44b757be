import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';
import { expectClose } from '../testing/same-as-cpu';

registerOnnxBackend();

afterEach(() => {
  for (const { kernelName, backendName } of tf.getKernelsForBackend('onnx')) {
    if (kernelName.startsWith('User')) tf.unregisterKernel(kernelName, backendName);
  }
});

describe('a kernel that a user registers', () => {
  it('reads and writes through the backend as TensorFlow.js defines it', async () => {
    await tf.setBackend('onnx');
    tf.registerKernel({
      kernelName: 'UserCount',
      backendName: 'onnx',
      kernelFunc: ({ inputs, backend }) => {
        const onnx = backend as tf.KernelBackend;
        const values = onnx.readSync(inputs.x!.dataId) as Float32Array;
        const dataId = onnx.write(Int32Array.of(values.filter((value) => value > 1).length), [], 'int32');
        return { dataId, shape: [], dtype: 'int32' };
      },
    });
    const x = tf.mul(tf.tensor1d([1, 2, 3]), 0.75);
    const count = tf.engine().runKernel('UserCount', { x }) as tf.Tensor;
    expect([...tf.add(count, tf.scalar(10, 'int32')).dataSync()]).toEqual([12]);
  });

  it('may be made of operations, with a gradient of its own', async () => {
    await tf.setBackend('onnx');
    tf.registerKernel({
      kernelName: 'UserCube',
      backendName: 'onnx',
      kernelFunc: ({ inputs }) => tf.mul(tf.square(inputs.x as tf.Tensor), inputs.x as tf.Tensor),
    });
    tf.registerGradient({
      kernelName: 'UserCube',
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.mul(tf.square(x!), 3)) }),
    });
    const cube = (x: tf.Tensor) => tf.engine().runKernel('UserCube', { x }) as tf.Tensor;
    expect([
      ...tf
        .grad(cube)(tf.tensor1d([1, 2]))
        .dataSync(),
    ]).toEqual([3, 12]);
    tf.unregisterGradient('UserCube');
  });

  it('may take the place of one of the backend', async () => {
    await tf.setBackend('onnx');
    const own = tf.getKernel('Relu', 'onnx');
    tf.unregisterKernel('Relu', 'onnx');
    tf.registerKernel({ ...own, kernelFunc: ({ inputs }) => tf.abs(inputs.x as tf.Tensor) });
    try {
      expect([...tf.relu(tf.tensor1d([-2, 3])).dataSync()]).toEqual([2, 3]);
    } finally {
      tf.unregisterKernel('Relu', 'onnx');
      tf.registerKernel(own);
    }
    expect([...tf.relu(tf.tensor1d([-2, 3])).dataSync()]).toEqual([0, 3]);
  });
});

describe('gradients', () => {
  it('of tf.customGrad are the given ones', async () => {
    const square = (x: tf.Tensor, save: (tensors: tf.Tensor[]) => void) => {
      save([x]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.clipByValue(saved[0]!, -1, 1));
      return { value: tf.square(x), gradFunc };
    };
    const clipped = tf.customGrad(square as Parameters<typeof tf.customGrad>[0]);
    const values = await expectClose(() => [
      ...tf
        .grad((x: tf.Tensor) => tf.sum(clipped(x)))(tf.tensor1d([-3, 0.5, 2]))
        .dataSync(),
    ]);
    expect(values).toEqual([-1, 0.5, 1]);
  });

  it('of gradients, for several inputs and through a matrix product', async () => {
    await expectClose(() => {
      const inner = (x: tf.Tensor, y: tf.Tensor) =>
        tf.sum(tf.mul(tf.tanh(tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D)), tf.sin(tf.sum(x))));
      const penalty = (x: tf.Tensor, y: tf.Tensor) =>
        tf.addN(
          tf
            .grads(inner)([x, y])
            .map((gradient) => tf.sum(tf.square(gradient))),
        );
      const [x, y] = [tf.tensor2d([0.1, -0.4, 0.3, 0.8], [2, 2]), tf.tensor2d([0.5, 0.2, -0.7, 0.4], [2, 2])];
      return tf
        .grads(penalty)([x, y])
        .flatMap((gradient) => [...gradient.dataSync()]);
    });
  });

  it('third derivatives', async () => {
    const values = await expectClose(() => {
      const third = tf.grad((x) => tf.grad((y) => tf.grad((z) => tf.sum(tf.pow(z, 4)))(y))(x));
      return [...third(tf.tensor1d([1, 2])).dataSync()];
    }, 1e-4);
    expect(values[1]).toBeCloseTo(48, 3);
  });

  it('of values with respect to variables, and only to those asked for', async () => {
    await expectClose(() => {
      const [a, b] = [tf.variable(tf.scalar(3)), tf.variable(tf.scalar(4))];
      const { value, grads } = tf.variableGrads(() => tf.mul(a, tf.square(b)) as tf.Scalar, [b]);
      return [value.dataSync()[0]!, grads[b.name]!.dataSync()[0]!, Object.keys(grads).length];
    });
  });
});
