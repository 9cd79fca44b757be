import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendOperation } from '../cases/backend-operation';
import { expectSameValues } from '../compare/expect-same-values';
import { onBackend } from '../compare/on-backend';
import { projection } from '../compare/projection';
import { readTensors, type Values } from '../compare/read-tensors';

/** Float32 sums of up to some hundred terms of size 1, added in another order, agree this well. */
const tolerance = 2e-5;
/** So many random shapes and values each, all different. */
const rounds = 3;

/** An operation gives on the backend what it gives on TensorFlow.js's plain one, its gradient too, and does so twice. */
export async function operationsAgreeWithCpu(backend: string, operation: BackendOperation): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const key = RandomKey.from(round).fold(operation.name);
    const expected = await onBackend('cpu', () => run(operation, key));
    const received = await onBackend(backend, () => run(operation, key));
    const claim = `backend "${backend}", ${operation.name}`;
    expectSameValues(`${claim} against "cpu"`, expected, received, tolerance);
    expectSameValues(`${claim} again`, received, await onBackend(backend, () => run(operation, key)), 0);
  }
}

/** The result of an operation and, where it has them, its gradients by every float input. */
function run({ inputs, compute, differentiable }: BackendOperation, key: RandomKey): Promise<Values> {
  return readTensors(() => {
    const tensors = [...inputs(key)];
    const results = { value: compute(...tensors) };
    if (!differentiable) return results;
    const floats = tensors.filter(({ dtype }) => dtype === 'float32');
    const loss = (...moving: tf.Tensor[]) => {
      const rest = [...moving];
      return projection({ value: compute(...tensors.map((t) => (t.dtype === 'float32' ? rest.shift()! : t))) });
    };
    const gradients = tf.grads(loss)(floats);
    return { ...results, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient by input ${i}`, gradient])) };
  });
}
