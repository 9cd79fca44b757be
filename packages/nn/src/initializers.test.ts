import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { constant, kaimingUniform, normal, ones, truncatedNormal, xavierUniform, zeros } from './initializers';

const key = RandomKey.from(0);
const shape = [40, 20, 25]; // fan in 500, fan out 1000, 20,000 values

/** Mean and standard deviation. */
function moments(values: Float32Array): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}

describe('initializers', () => {
  it('fill with a constant', () => {
    expect([...zeros([2], key), ...ones([2], key), ...constant(3)([2], key)]).toEqual([0, 0, 1, 1, 3, 3]);
  });

  // The mean of 20,000 values has an error of std / 141, and their standard deviation one of std / 200 or less.
  it.each([
    { name: 'normal', initializer: normal(0.5), std: 0.5, bound: Number.POSITIVE_INFINITY },
    // The standard deviation of a normal truncated at ± 2: sqrt(1 − 4 φ(2) / (2 Φ(2) − 1)) = 0.8796.
    { name: 'truncatedNormal', initializer: truncatedNormal(0.5), std: 0.5 * 0.8796, bound: 1 },
    { name: 'xavierUniform', initializer: xavierUniform(), std: Math.sqrt(2 / 1500), bound: Math.sqrt(6 / 1500) },
    { name: 'kaimingUniform', initializer: kaimingUniform(), std: Math.sqrt(2 / 500), bound: Math.sqrt(6 / 500) },
  ])('draw with the mean 0 and the deviation they promise: $name', ({ initializer, std, bound }) => {
    const values = initializer(shape, key);
    expect(values).toHaveLength(20_000);
    expect(Math.abs(moments(values).mean)).toBeLessThan((5 * std) / 141);
    expect(Math.abs(moments(values).std / std - 1)).toBeLessThan(5 / 200);
    expect(values.every((value) => Math.abs(value) <= bound * (1 + 2 ** -23))).toBe(true);
    expect(initializer(shape, key)).toEqual(values);
    expect(initializer(shape, key.fold(1))).not.toEqual(values);
  });

  it('that look at the fans refuse a vector', () => {
    expect(() => xavierUniform()([3], key)).toThrow('initializer: expected a shape [out, in, …kernel], received [3].');
  });
});
