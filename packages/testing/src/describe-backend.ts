import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { backendOperations } from './cases/backend-operation';
import { backendFreesItsMemory } from './checks/backend-frees-its-memory';
import { backendTrainsLikeCpu } from './checks/backend-trains-like-cpu';
import { operationsAgreeWithCpu } from './checks/operations-agree-with-cpu';
import { tensorsKeepTheirValues } from './checks/tensors-keep-their-values';

/**
 * Registers tests that a TensorFlow.js backend computes what the plain one ("cpu") computes, forward and gradient, for
 * the operations that models are made of, to the same bits each time.
 *
 * ```ts
 * describeBackend('onnx', () => registerOnnxBackend());
 * ```
 *
 * @param name under which TensorFlow.js knows the backend
 * @param register makes it known
 */
export function describeBackend(name: string, register: () => unknown): void {
  describe(`backend "${name}"`, () => {
    beforeAll(async () => {
      await register();
      await tf.ready();
    });

    it.each(backendOperations)('computes $name as "cpu" does', (operation) => operationsAgreeWithCpu(name, operation));
    it('keeps what was computed until it is read', () => tensorsKeepTheirValues(name));
    it('trains a model as "cpu" does', () => backendTrainsLikeCpu(name));
    it('frees what tf.tidy frees', () => backendFreesItsMemory(name));
  });
}
