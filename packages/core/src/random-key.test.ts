import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors';
import { RandomKey } from './random-key';

/** Upper bound of a chi-square statistic: six standard deviations by Wilson and Hilferty (1931), p ≈ 1e-9. */
function chiSquareBound(degrees: number): number {
  const variance = 2 / (9 * degrees);
  return degrees * (1 - variance + 6 * Math.sqrt(variance)) ** 3;
}

function chiSquare(counts: ArrayLike<number>): number {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  return Array.from(counts).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function histogram(values: ArrayLike<number>, bins: number): Int32Array {
  const counts = new Int32Array(bins);
  for (let i = 0; i < values.length; i++) counts[Math.floor(values[i] * bins)]++;
  return counts;
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const center = (values: ArrayLike<number>) => {
    const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    return Array.from(values, (value) => value - mean);
  };
  const [x, y] = [center(a), center(b)];
  const dot = (u: number[], v: number[]) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

describe('RandomKey', () => {
  it('gives the same numbers for the same seed and path of folds', () => {
    const draw = () => RandomKey.from(42).fold('encoder').fold(3).normal(64);
    expect(draw()).toEqual(draw());
    const key = RandomKey.from(42);
    expect(key.uniform(8)).toEqual(key.uniform(8));
  });

  it('is restored from its state', () => {
    const key = RandomKey.from(-5).fold('x');
    expect(RandomKey.restore(structuredClone(key.state)).fold(1).normal(4)).toEqual(key.fold(1).normal(4));
  });

  it('gives other numbers for another seed, fold, order of folds or type of fold', () => {
    const root = RandomKey.from(1);
    const keys = [
      root,
      RandomKey.from(2),
      RandomKey.from(-1),
      RandomKey.from(2 ** 40 + 1),
      root.fold(0),
      root.fold(1),
      root.fold(-1),
      root.fold(2 ** 32 + 1),
      root.fold('1'),
      root.fold(''),
      root.fold('a').fold('b'),
      root.fold('b').fold('a'),
      root.fold('ab'),
    ];
    const first = new Set(keys.map((key) => key.uniform(4).join()));
    expect(first.size).toBe(keys.length);
  });

  it('has no two equal keys among a hundred thousand folds', () => {
    const root = RandomKey.from(0);
    const seen = new Set<string>();
    for (let i = 0; i < 50_000; i++) {
      seen.add(root.fold(i).uniform(3).join());
      seen.add(root.fold(`layer.${i}`).uniform(3).join());
    }
    // 64-bit keys, seen through 72 bits: the expected number of collisions is 1e5² / 2 / 2^64 ≈ 3e-10
    expect(seen.size).toBe(100_000);
  });

  it('refuses a seed that is no safe integer', () => {
    for (const seed of [0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => RandomKey.from(seed)).toThrow(ConfigError);
    }
    expect(() => RandomKey.from(0.5)).toThrow('seed: expected a safe integer, received 0.5');
  });

  it('draws uniform numbers evenly from [0, 1)', () => {
    for (const seed of [0, 1, 2]) {
      const values = RandomKey.from(seed).uniform(1 << 16);
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      expect(chiSquare(histogram(values, 256))).toBeLessThan(chiSquareBound(255));
    }
  });

  it('draws successive numbers independently', () => {
    const values = RandomKey.from(3).uniform(1 << 17);
    const pairs = new Int32Array(32 * 32);
    for (let i = 0; i < values.length; i += 2)
      pairs[Math.floor(values[i] * 32) * 32 + Math.floor(values[i + 1] * 32)]++;
    expect(chiSquare(pairs)).toBeLessThan(chiSquareBound(32 * 32 - 1));
  });

  it('draws the first number of many folds evenly and independently of neighbouring folds', () => {
    const root = RandomKey.from(4);
    const first = Float32Array.from({ length: 1 << 15 }, (_, i) => root.fold(i).uniform(1)[0]);
    expect(chiSquare(histogram(first, 128))).toBeLessThan(chiSquareBound(127));
    // a correlation of n independent pairs has standard deviation 1/√n; six of them
    expect(Math.abs(correlation(first.subarray(1), first.subarray(0, -1)))).toBeLessThan(6 / Math.sqrt(first.length));
  });

  it('draws independent sequences from a key and its folds', () => {
    const root = RandomKey.from(5);
    const length = 1 << 15;
    const sequences = [root, root.fold(0), root.fold(1), root.fold('0'), RandomKey.from(6)].map((key) =>
      key.uniform(length),
    );
    for (const [i, a] of sequences.entries()) {
      for (const b of sequences.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(6 / Math.sqrt(length));
    }
  });

  it('draws normal numbers of the right distribution, also an odd number of them', () => {
    const length = (1 << 16) + 1;
    const values = RandomKey.from(7).normal(length);
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / length;
    // the k-th moment's estimate has variance (E x^2k − (E x^k)²) / n; six standard deviations
    expect(Math.abs(moment(1))).toBeLessThan(6 / Math.sqrt(length));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(6 * Math.sqrt(2 / length));
    expect(Math.abs(moment(3))).toBeLessThan(6 * Math.sqrt(15 / length));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(6 * Math.sqrt(96 / length));
    // logistic approximation of the normal distribution function (Bowling 2009), off by at most 1.4e-4
    const quantiles = values.map((x) => 1 / (1 + Math.exp(-(0.07056 * x ** 3 + 1.5976 * x))));
    expect(chiSquare(histogram(quantiles, 16))).toBeLessThan(chiSquareBound(15) + 2);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(RandomKey.from(7).normal(3)).toEqual(values.slice(0, 3));
  });

  it('draws ones with the probability asked for, and never or always at 0 and 1', () => {
    const length = 100_001;
    for (const probability of [0.1, 0.5, 0.9]) {
      const ones = RandomKey.from(8)
        .bernoulli(length, probability)
        .reduce((sum, value) => sum + value, 0);
      expect(Math.abs(ones - probability * length)).toBeLessThan(
        6 * Math.sqrt(length * probability * (1 - probability)),
      );
    }
    expect(RandomKey.from(8).bernoulli(1000, 0)).toEqual(new Uint8Array(1000));
    expect(RandomKey.from(8).bernoulli(1000, 1)).toEqual(new Uint8Array(1000).fill(1));
  });

  it('draws ones independently of one another', () => {
    const draws = RandomKey.from(11).bernoulli(1 << 17, 0.5);
    for (const distance of [1, 2, 3, 64]) {
      const counts = new Int32Array(4);
      for (let i = 0; i + distance < draws.length; i += distance + 1) counts[2 * draws[i] + draws[i + distance]]++;
      expect(chiSquare(counts)).toBeLessThan(chiSquareBound(3));
    }
    const others = RandomKey.from(11)
      .fold(0)
      .bernoulli(1 << 17, 0.5);
    expect(Math.abs(correlation(draws, others))).toBeLessThan(6 / Math.sqrt(1 << 17));
  });

  it('draws as many of an odd number as of a longer one', () => {
    for (const length of [0, 1, 2, 101]) {
      expect(RandomKey.from(12).bernoulli(length, 0.7)).toEqual(
        RandomKey.from(12).bernoulli(102, 0.7).slice(0, length),
      );
    }
  });

  it('draws words of even bits, each of its place, independent of their neighbours and of other keys', () => {
    const length = 1 << 16;
    const words = RandomKey.from(13).words(length);
    expect(RandomKey.from(13).words(5)).toEqual(words.slice(0, 5));
    for (const shift of [0, 8, 16, 24]) {
      const bytes = new Int32Array(256);
      for (const word of words) bytes[(word >>> shift) & 255]++;
      expect(chiSquare(bytes)).toBeLessThan(chiSquareBound(255));
    }
    const floats = (own: Int32Array) => Float32Array.from(own);
    const bound = 6 / Math.sqrt(length);
    expect(Math.abs(correlation(floats(words.subarray(1)), floats(words.subarray(0, -1))))).toBeLessThan(bound);
    for (const other of [RandomKey.from(14), RandomKey.from(13).fold(0), RandomKey.from(13).fold(1)]) {
      expect(Math.abs(correlation(floats(words), floats(other.words(length))))).toBeLessThan(bound);
    }
  });

  it('draws integers evenly from the range, its end left out', () => {
    const root = RandomKey.from(9);
    const counts = new Int32Array(7);
    for (let i = 0; i < 14_000; i++) counts[root.fold(i).integer(-3, 4) + 3]++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(6));
    expect(root.integer(5, 6)).toBe(5);
  });

  it('shuffles into every permutation equally often', () => {
    const root = RandomKey.from(10);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = root.fold(i).shuffle(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareBound(23));
    expect(root.shuffle(0)).toEqual(new Int32Array(0));
    expect([...root.shuffle(100)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
