import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawOrders, gramMatrix, pairCosines, pairs, projectedGradients, projectedShares } from './gradient-conflicts';

type Vector = readonly number[];
const dot = (a: Vector, b: Vector) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Yu et al. 2020, algorithm 1, as it stands there, in double precision. @param orders for each the others */
function projectedSum(gradients: readonly Vector[], orders: readonly Vector[]): number[] {
  const projected = gradients.map((own, i) => {
    let pc = [...own];
    for (const j of orders[i]!) {
      const other = gradients[j]!;
      const along = dot(pc, other);
      if (along < 0) pc = pc.map((value, k) => value - (along / dot(other, other)) * other[k]!);
    }
    return pc;
  });
  return projected[0]!.map((_, k) => projected.reduce((sum, own) => sum + own[k]!, 0));
}

const draw = (heads: number, size: number, seed: number) =>
  Array.from({ length: heads }, (_, i) => [...RandomKey.from(seed).fold(i).normal(size)]);

const named = (values: Vector) => ({ a: tf.tensor1d(values.slice(0, 3)), b: tf.tensor1d(values.slice(3)) });

describe('gradients that point away from one another', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([2, 3, 4, 5])('of %i heads are projected as algorithm 1 of PCGrad does', (heads) => {
    let conflicts = 0;
    for (let seed = 0; seed < 8; seed++) {
      const gradients = draw(heads, 7, seed);
      const drawn = drawOrders(heads, RandomKey.from(seed));
      const orders = gradients.map((_, i) => drawn.slice(i * (heads - 1), (i + 1) * (heads - 1)));
      for (const [i, order] of orders.entries()) {
        expect([...order].sort()).toEqual(gradients.map((_, j) => j).filter((j) => j !== i));
      }
      const gram = gramMatrix(gradients.map(named));
      const shares = projectedShares(gram, tf.tensor2d(drawn, [heads, heads - 1], 'int32')).dataSync();
      const sum = gradients[0]!.map((_, k) => gradients.reduce((total, own, i) => total + shares[i]! * own[k]!, 0));
      projectedSum(gradients, orders).forEach((value, k) => expect(sum[k]).toBeCloseTo(value, 4));
      if (pairs(heads).some(([i, j]) => dot(gradients[i]!, gradients[j]!) < 0)) conflicts++;
    }
    expect(conflicts).toBeGreaterThan(2);
  });

  it('have orders that differ from step to step', () => {
    const orders = Array.from({ length: 20 }, (_, step) => drawOrders(3, RandomKey.from(0).fold(step)).join());
    expect(new Set(orders).size).toBeGreaterThan(3);
  });

  it('stay as they are where none does, and where one is nothing', () => {
    const shares = (gradients: readonly Vector[]) => [
      ...projectedShares(gramMatrix(gradients.map(named)), tf.tensor2d([1, 0], [2, 1], 'int32')).dataSync(),
    ];
    expect(
      shares([
        [1, 0, 0, 1],
        [1, 1, 0, 0],
      ]),
    ).toEqual([1, 1]);
    expect(
      shares([
        [1, 0, 0, 1],
        [0, 0, 0, 0],
      ]),
    ).toEqual([1, 1]);
    expect(
      shares([
        [1, 0, 0, 0],
        [-1, 0, 0, 0],
      ]),
    ).toEqual([2, 2]); // twice each, of opposite ones: nothing is left
  });

  it('are projected over what heads share alone, and added up elsewhere', () => {
    const made: Record<string, tf.Tensor>[] = [
      { shared: tf.tensor1d([1, 0]), own: tf.tensor1d([3]) },
      { shared: tf.tensor1d([-1, 1]), own: tf.tensor1d([-1]), other: tf.tensor1d([5]) },
    ];
    const { gradients, cosines } = projectedGradients(made, ['shared'], [tf.scalar(1), tf.scalar(0)]);
    // (1, 0) + ½ (−1, 1) and (−1, 1) + (1, 0)
    expect([...gradients.shared!.dataSync()]).toEqual([0.5, 1.5]);
    expect([...gradients.own!.dataSync()]).toEqual([2]);
    expect([...gradients.other!.dataSync()]).toEqual([5]);
    expect(cosines.dataSync()[0]).toBeCloseTo(-1 / Math.sqrt(2), 6);
  });

  it('have cosines, over what both have a gradient of', () => {
    const [a, b, c] = draw(3, 7, 3);
    const cosine = (x: Vector, y: Vector) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    const cosines = pairCosines(gramMatrix([a!, b!, c!].map(named))).dataSync();
    [cosine(a!, b!), cosine(a!, c!), cosine(b!, c!)].forEach((value, i) => expect(cosines[i]).toBeCloseTo(value, 5));
    const apart = gramMatrix([{ a: tf.tensor1d([1, 2]) }, { b: tf.tensor1d([3]) }]);
    expect([...pairCosines(apart).dataSync()]).toEqual([0]);
  });
});
