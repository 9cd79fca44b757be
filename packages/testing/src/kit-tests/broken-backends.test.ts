import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backendOperations } from '../cases/backend-operation';
import { backendFreesItsMemory } from '../checks/backend-frees-its-memory';
import { backendTrainsLikeCpu } from '../checks/backend-trains-like-cpu';
import { operationsAgreeWithCpu } from '../checks/operations-agree-with-cpu';
import { tensorsKeepTheirValues } from '../checks/tensors-keep-their-values';
import { complaint } from './complaint';
import { registerCopyOfCpu } from './copy-of-cpu';

const kernel = (name: string) => tf.getKernel(name, 'cpu').kernelFunc;

function operation(name: string) {
  return backendOperations.find((candidate) => candidate.name === name)!;
}

/** The result of a kernel of the plain backend, its first element raised a little. */
function raised(result: tf.TensorInfo | tf.TensorInfo[], offset: number): tf.TensorInfo {
  const [info] = [result].flat();
  const { data } = tf.backend() as unknown as { data: Map<object, { values: Float32Array }> };
  data.get(info.dataId)!.values[0] += offset;
  return info;
}

describe('the kit finds a backend', () => {
  it('whose kernel is a little off', async () => {
    registerCopyOfCpu('off', { Tanh: (parameters) => raised(kernel('Tanh')(parameters), 0.02) });
    expect(await complaint(() => operationsAgreeWithCpu('off', operation('tanh')))).toContain(
      'against "cpu": value[0]',
    );
    expect(await complaint(() => backendTrainsLikeCpu('off'))).toContain('losses of five training steps');
  });

  it('whose kernel is another each time', async () => {
    let calls = 0;
    registerCopyOfCpu('restless', { Tanh: (parameters) => raised(kernel('Tanh')(parameters), 1e-7 * ++calls) });
    expect(await complaint(() => operationsAgreeWithCpu('restless', operation('tanh')))).toContain('again: value');
  });

  it('that reads the arrays of its caller later', async () => {
    registerCopyOfCpu('late', { Multiply: () => tf.tensor1d([1, 1, 1]) });
    expect(await complaint(() => tensorsKeepTheirValues('late'))).toContain('inputs changed after use: sum');
  });

  it('that keeps memory', async () => {
    registerCopyOfCpu('hoarding', {
      Relu: (parameters) => {
        tf.backend().write(Float32Array.of(1), [1], 'float32');
        return kernel('Relu')(parameters);
      },
    });
    expect(await complaint(() => backendFreesItsMemory('hoarding'))).toContain('received 5 more than before');
  });
});
