import { createRequire } from 'node:module';
import path from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Uses TensorFlow.js's wasm backend with the fastest form of its products. Its kernel is fast (XNNPACK) only for one
 * pair of matrices, neither of them transposed. So transposes are made beforehand,
 * and the pairs of a batch are multiplied one by one.
 */
export async function useFastWasm(): Promise<void> {
  const require = createRequire(import.meta.url);
  setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  await tf.setBackend('wasm');
  const { kernelFunc } = tf.getKernel('BatchMatMul', 'wasm');
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    kernelName: 'BatchMatMul',
    backendName: 'wasm',
    kernelFunc: (call) => {
      const { a, b } = call.inputs as { a: tf.Tensor; b: tf.Tensor };
      const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
      const multiply = (a: tf.Tensor, b: tf.Tensor) => {
        const product = kernelFunc({ ...call, inputs: { a, b }, attrs: { transposeA: false, transposeB: false } });
        return tf.engine().makeTensorFromTensorInfo(product as tf.TensorInfo);
      };
      return tf.tidy(() => {
        const [left, right] = [matrices(a, transposeA), matrices(b, transposeB)];
        if (left.shape[0] !== right.shape[0])
          throw new RangeError('This bench has no products with a broadcast batch.');
        const shape = [...a.shape.slice(0, -2), left.shape[1], right.shape[2]];
        if (left.shape[0] === 1) return tf.reshape(multiply(left, right), shape);
        const [lefts, rights] = [split(left), split(right)];
        return tf.tensor(join(lefts.map((own, i) => multiply(own, rights[i]!))), shape);
      });
    },
  });
}

/** (…, M, N) → (batch, M, N), transposed if asked. */
function matrices(x: tf.Tensor, transposed: boolean): tf.Tensor3D {
  const all = tf.reshape<tf.Rank.R3>(x, [-1, ...x.shape.slice(-2)] as [number, number, number]);
  return transposed ? tf.transpose(all, [0, 2, 1]) : all;
}

/** (batch, M, N) → batch times (1, M, N), on the host: the backend's own slices copy all of x each. */
function split(x: tf.Tensor3D): tf.Tensor3D[] {
  const [batch, rows, columns] = x.shape;
  const values = x.dataSync();
  const size = rows * columns;
  return Array.from({ length: batch }, (_, i) => {
    return tf.tensor3d(values.subarray(i * size, (i + 1) * size), [1, rows, columns]);
  });
}

function join(parts: readonly tf.Tensor[]): Float32Array {
  const values = new Float32Array(parts.length * parts[0]!.size);
  parts.forEach((part, i) => {
    values.set(part.dataSync(), i * part.size);
  });
  return values;
}
