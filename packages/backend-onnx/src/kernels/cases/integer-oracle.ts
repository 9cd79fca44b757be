import * as tf from '@tensorflow/tfjs-core';
import type { Input } from './input';
import type { Result } from './kernel-case';

/**
 * What int32 arithmetic gives, with integers of any size that wrap around at the end. TensorFlow.js computes in doubles
 * and loses the low bits of what is beyond 2⁵³ (or in floats, beyond 2²⁴).
 */
export function integerElements(compute: (...operands: bigint[]) => bigint, ...inputs: readonly Input[]): Result {
  const shape = inputs.reduce<number[]>(
    (all, input) => tf.backend_util.assertAndGetBroadcastShape(all, input.shape),
    [],
  );
  const values = places(shape).map((place) => {
    const operands = inputs.map((input) => {
      const own = place.slice(place.length - input.shape.length).map((i, axis) => (input.shape[axis] === 1 ? 0 : i));
      return BigInt(input.values[offset(own, input.shape)]!);
    });
    return wrapped(compute(...operands));
  });
  return { shape, dtype: 'int32', values };
}

/** Sum over some axes, modulo 2³². */
export function integerSum(x: Input, axes: readonly number[], keepDims: boolean): Result {
  return reduced(x, axes, keepDims, 0n, (sum, value) => sum + value);
}

/** Product over some axes, modulo 2³². */
export function integerProduct(x: Input, axes: readonly number[], keepDims: boolean): Result {
  return reduced(x, axes, keepDims, 1n, (product, value) => product * value);
}

function reduced(
  x: Input,
  axes: readonly number[],
  keepDims: boolean,
  start: bigint,
  combine: (result: bigint, value: bigint) => bigint,
): Result {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const results = places(kept).map(() => start);
  places(x.shape).forEach((place, i) => {
    const target = offset(
      place.map((index, axis) => (axes.includes(axis) ? 0 : index)),
      kept,
    );
    results[target] = BigInt.asIntN(32, combine(results[target]!, BigInt(x.values[i]!)));
  });
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  return { shape, dtype: 'int32', values: results.map(Number) };
}

/** Products of everything up to (or, in reverse, from) each element along an axis, with or without itself. */
export function integerRunningProduct(x: Input, axis: number, exclusive: boolean, reverse: boolean): Result {
  const values = places(x.shape).map((place) => {
    let product = 1n;
    for (let i = 0; i < x.shape[axis]!; i++) {
      const distance = reverse ? i - place[axis]! : place[axis]! - i;
      if (distance < (exclusive ? 1 : 0)) continue;
      const other = place.map((index, along) => (along === axis ? i : index));
      product = BigInt.asIntN(32, product * BigInt(x.values[offset(other, x.shape)]!));
    }
    return Number(product);
  });
  return { shape: x.shape, dtype: 'int32', values };
}

/** a (B, M, K) · b (B, N, K) → (B, M, N), modulo 2³². */
export function integerMatMul(a: Input, b: Input): Result {
  const [batches, m, k] = a.shape as [number, number, number];
  const n = b.shape[1]!;
  const shape = [batches, m, n];
  const values = places(shape).map(([batch, row, column]) => {
    let sum = 0n;
    for (let i = 0; i < k; i++) {
      const left = a.values[offset([batch!, row!, i], a.shape)]!;
      const right = b.values[offset([batch!, column!, i], b.shape)]!;
      sum += BigInt(left) * BigInt(right);
    }
    return wrapped(sum);
  });
  return { shape, dtype: 'int32', values };
}

function wrapped(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** Every place in a shape, in order. */
function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

function offset(place: readonly number[], shape: readonly number[]): number {
  return place.reduce((sum, index, axis) => sum * shape[axis]! + index, 0);
}
