import * as tf from '@tensorflow/tfjs-core';
import { ConformanceError } from '../conformance-error';

/** Throws for a tensor, a number that is not finite or a function anywhere in a value. */
export function expectFinitePlainData(where: string, value: unknown): void {
  if (value instanceof tf.Tensor || typeof value === 'function') {
    throw new ConformanceError({ where, expected: 'plain data', received: `a ${value.constructor.name}` });
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ConformanceError({ where, expected: 'a finite number', received: String(value) });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) expectFinitePlainData(`${where}.${name}`, part);
}
