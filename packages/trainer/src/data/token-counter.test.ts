import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../testing/tiny-model';
import { TokenCounter } from './token-counter';

beforeAll(() => tf.setBackend('cpu'));

const numbers = (count: number) => Array.from({ length: count }, () => 1);

/** Sequences of numbers, a token each, in buckets of four; of `b` a sample may have several. */
async function counted() {
  const model = tinyModel({ modalities: ['a', 'b'], several: ['b'] });
  const counter = new TokenCounter(model);
  const prepared = await model.prepare({ a: numbers(3), b: [numbers(2), numbers(5)], targets: { digit: 1 } });
  counter.see(prepared);
  return { counter, prepared, shape: { a: { lengths: { numbers: 4 } }, b: { lengths: { values: 2, numbers: 8 } } } };
}

describe('TokenCounter', () => {
  it('counts what encoders embed of a row as it is, of any of its modalities, and where it is padded', async () => {
    const { counter, shape } = await counted();
    expect(counter.computed(shape, ['a'])).toBe(4);
    expect(counter.computed(shape, ['a', 'b'])).toBe(4 + 2 * 8);
    expect(counter.computed(shape, ['a', 'b'], { a: { numbers: 12 }, b: { values: 3, numbers: 16 } })).toBe(
      12 + 3 * 16,
    );
  });

  it('counts the lengths of targets, also where the row of the shape has none', async () => {
    const { counter, shape } = await counted();
    const captioned = { ...shape, 'targets.caption': { lengths: { tokens: 10 } } };
    expect(counter.computed(captioned, ['a'])).toBe(14);
    expect(counter.computed(shape, ['a'], { 'targets.caption': { tokens: 20 } })).toBe(24);
  });

  it('keeps the shortest examples alone, and asks the encoder for each length once', async () => {
    const { counter, prepared, shape } = await counted();
    const model = tinyModel({ modalities: ['a', 'b'], several: ['b'] });
    counter.see(await model.prepare({ a: numbers(30), targets: { digit: 1 } }));
    expect(counter.taken(prepared)).toBe(4 + 2 * 8); // an encoder that does not say how many take part: those of its bucket
    const { numTensors } = tf.memory();
    const again = [12, 12, 40].map((length) => counter.computed(shape, ['a'], { a: { numbers: length } }));
    expect(again).toEqual([12, 12, 40]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
