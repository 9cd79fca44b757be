import { mapRecord, type RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from '../optimizers/parameter-bundle';

/** What is done about heads whose gradients point away from one another, over what they share. */
export type GradientConflicts = 'report' | 'project';

/** Dot products of the gradients of n heads over what they share: (n, n), the squares of their norms on its diagonal. */
export function gramMatrix(ofHeads: readonly Gradients[]): tf.Tensor2D {
  const dot = (a: Gradients, b: Gradients): tf.Scalar => {
    const paths = Object.keys(a).filter((path) => b[path]);
    if (paths.length === 0) return tf.scalar(0);
    return tf.addN(paths.map((path) => tf.sum(tf.mul(a[path], b[path])))) as tf.Scalar;
  };
  const upper = ofHeads.map((a, i) => ofHeads.slice(i).map((b) => dot(a, b)));
  const at = (i: number, j: number) => (i <= j ? upper[i][j - i] : upper[j][i - j]);
  const all = ofHeads.flatMap((_, i) => ofHeads.map((__, j) => at(i, j)));
  return tf.reshape(tf.stack(all), [ofHeads.length, ofHeads.length]);
}

/** Pairs of n heads: (0, 1), (0, 2) … */
export function pairs(count: number): (readonly [number, number])[] {
  const all = Array.from({ length: count }, (_, i) => i);
  return all.flatMap((i) => all.slice(i + 1).map((j) => [i, j] as const));
}

/** The cosine between the gradients of each of the {@link pairs}; 0 where one of them is nothing. (n (n − 1) / 2) */
export function pairCosines(gram: tf.Tensor2D): tf.Tensor1D {
  const count = gram.shape[0];
  const norms = tf.sqrt(diagonal(gram));
  const products = tf.mul(tf.expandDims(norms, 1), tf.expandDims(norms, 0));
  const cosines = tf.divNoNan(gram, products);
  const indices = pairs(count).map(([i, j]) => i * count + j);
  return tf.gather(tf.reshape(cosines, [count * count]), tf.tensor1d(indices, 'int32')) as tf.Tensor1D;
}

/**
 * Projects conflicting gradients (PCGrad, Yu et al. 2020, algorithm 1): from that of each head goes, for the others in an order of its own, its part
 * along theirs where both point away from one another. What comes out are combinations of the gradients, so it is computed of their dot products.
 *
 * @param gram   (n, n), see {@link gramMatrix}
 * @param orders (n, n − 1) int32: for each head the others, in their order
 * @returns      (n) how often each head's own gradient is in the sum of all that were projected
 */
export function projectedShares(gram: tf.Tensor2D, orders: tf.Tensor2D): tf.Tensor1D {
  const count = gram.shape[0];
  const squares = tf.expandDims(diagonal(gram), 0); // (1, n)
  let shares = tf.eye(count); // row i: of what the gradient of head i has become a combination
  for (let place = 0; place < count - 1; place++) {
    const column = tf.squeeze(tf.slice(orders, [0, place], [count, 1]), [1]) as tf.Tensor1D;
    const others = tf.cast(tf.oneHot(column, count), 'float32') as tf.Tensor2D; // (n, n)
    const dots = tf.sum(tf.mul(tf.matMul(shares, gram), others), 1); // (n)
    const lengths = tf.sum(tf.mul(squares, others), 1); // (n)
    const along = tf.divNoNan(tf.minimum(dots, 0), lengths);
    shares = tf.sub(shares, tf.mul(tf.expandDims(along, 1), others));
  }
  return tf.sum(shares, 0) as tf.Tensor1D;
}

/**
 * The sum of the gradients of heads, over what they share each without what works against the others.
 *
 * @param over   paths of what they share
 * @param orders the numbers of {@link drawOrders}, as scalars
 * @returns      beside it the {@link pairCosines} of the gradients
 */
export function projectedGradients(
  ofHeads: readonly Gradients[],
  over: readonly string[],
  orders: readonly tf.Scalar[],
): { readonly gradients: Gradients; readonly cosines: tf.Tensor1D } {
  const shared = new Set(over);
  const gram = gramMatrix(
    ofHeads.map((own) => Object.fromEntries(Object.entries(own).filter(([path]) => shared.has(path)))),
  );
  const others = tf.reshape(tf.cast(tf.stack([...orders]), 'int32'), [
    ofHeads.length,
    ofHeads.length - 1,
  ]) as tf.Tensor2D;
  const shares = tf.unstack(projectedShares(gram, others));
  const left = ofHeads.map((own, head) =>
    mapRecord(own, (one, path) => (shared.has(path) ? tf.mul(one, shares[head]) : one)),
  );
  const paths = new Set(left.flatMap((own) => Object.keys(own)));
  const sums = [...paths].map((path) => [path, tf.addN(left.flatMap((own) => own[path] ?? []))] as const);
  return { gradients: Object.fromEntries(sums), cosines: pairCosines(gram) };
}

/** For each of n heads the others, in an order drawn from the key, as (n, n − 1) numbers. */
export function drawOrders(count: number, key: RandomKey): number[] {
  return Array.from({ length: count }, (_, head) => {
    const others = Array.from({ length: count }, (__, other) => other).filter((other) => other !== head);
    const ranks = key.fold(head).uniform(others.length);
    return others.map((other, place) => ({ other, rank: ranks[place] })).sort((a, b) => a.rank - b.rank);
  }).flatMap((order) => order.map(({ other }) => other));
}

function diagonal(gram: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.mul(gram, tf.eye(gram.shape[0])), 1) as tf.Tensor1D;
}
