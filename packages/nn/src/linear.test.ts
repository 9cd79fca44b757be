import { initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Linear } from './linear';
import { describeParity } from './testing/parity';

describeParity<{ inputSize: number; outputSize: number; bias: boolean }, Linear>('linear', {
  create: ({ inputSize, outputSize, bias }) => new Linear(inputSize, outputSize, { bias }),
  forward: (layer, { x }) => layer.forward(x),
});

describe('Linear', () => {
  it('says which width it expects', () => {
    const layer = new Linear(4, 2);
    initialize(layer, RandomKey.from(0));
    expect(() => layer.forward(tf.zeros([2, 3]))).toThrow('Linear input: expected shape […, 4], received [2, 3].');
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses a width of %s', (size) => {
    expect(() => new Linear(size, 2)).toThrow('Linear inputSize: expected a positive integer');
    expect(() => new Linear(2, size)).toThrow('Linear outputSize: expected a positive integer');
  });
});
