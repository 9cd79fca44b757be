import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors';
import { Parameter } from './parameter';
import { limitParameters } from './parameter-limit';

const zeros = () => new Float32Array(0);
const parameters = (count: number, shape: readonly number[]) =>
  Array.from({ length: count }, () => new Parameter(shape, zeros));
const limit = { count: 3, values: 100, expected: 'a small model' };

describe('limitParameters', () => {
  it('gives what is made within the limit', () => {
    expect(limitParameters(limit, () => parameters(3, [5, 6]))).toHaveLength(3);
    expect(
      limitParameters({ ...limit, values: Number.POSITIVE_INFINITY }, () => parameters(1, [1e9, 1e9])),
    ).toHaveLength(1);
  });

  it('stops at the first that is too much, however many there were to be', () => {
    let made = 0;
    const endless = () => {
      for (;;) {
        new Parameter([1], zeros);
        made++;
      }
    };
    expect(() => limitParameters(limit, endless)).toThrow('expected a small model, received more than 3 parameters');
    expect(made).toBe(3);
    expect(() => limitParameters(limit, () => parameters(1, [1e9, 1e9]))).toThrow(
      'more than 100 values, one of [1000000000,1000000000]',
    );
    expect(() => limitParameters(limit, () => parameters(1e10, [1]))).toThrow(ConfigError);
  });

  it('counts what is made within one for those around it too, and nothing afterwards', () => {
    const inner = () => limitParameters({ ...limit, count: 2 }, () => parameters(2, [1]));
    expect(() => limitParameters(limit, () => [inner(), inner()])).toThrow('more than 3 parameters');
    expect(parameters(100, [1])).toHaveLength(100);
    expect(limitParameters(limit, inner)).toHaveLength(2);
  });

  it('leaves other errors as they are', () => {
    const failure = new TypeError('mine');
    expect(() =>
      limitParameters(limit, () => {
        throw failure;
      }),
    ).toThrow(failure);
  });
});
