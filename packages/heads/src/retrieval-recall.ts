import { requireArgument } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Queries whose similarities to all candidates are in memory at once. */
const blockSize = 256;

/**
 * Recall@k: the share of queries that have a match among the k candidates whose embeddings are nearest by inner product.
 * Of equally near candidates the ones that do not match come first, so that collapsed embeddings score 0. Queries without
 * any match among the candidates do not count.
 *
 * ```ts
 * const recall = retrievalRecall(captions, photos, (caption, photo) => caption === photo, 5); // vectors of a ContrastiveHead
 * ```
 *
 * @param matches whether a candidate answers a query, by their indices
 * @returns 0 to 1, NaN where no query has a match
 */
export function retrievalRecall(
  queries: readonly Float32Array[],
  candidates: readonly Float32Array[],
  matches: (query: number, candidate: number) => boolean,
  k: number,
): number {
  requireArgument(Array.isArray(queries), 'retrievalRecall', 'a list of embeddings', queries);
  requireArgument(Array.isArray(candidates), 'retrievalRecall', 'a list of embeddings', candidates);
  requireArgument(typeof matches === 'function', 'retrievalRecall', 'a function that says what matches', matches);
  requireArgument(Number.isInteger(k) && k > 0, 'retrievalRecall', 'a number of candidates', k);
  let answerable = 0;
  let found = 0;
  for (let start = 0; start < queries.length && candidates.length > 0; start += blockSize) {
    const block = queries.slice(start, start + blockSize);
    const similarities = innerProducts(block, candidates);
    block.forEach((_, row) => {
      const own = similarities.subarray(row * candidates.length, (row + 1) * candidates.length);
      const rank = rankOfMatch(own, (candidate) => matches(start + row, candidate));
      if (rank === undefined) return;
      answerable++;
      if (rank <= k) found++;
    });
  }
  return found / answerable;
}

/** All inner products, row by row. */
function innerProducts(queries: readonly Float32Array[], candidates: readonly Float32Array[]): Float32Array {
  return tf.tidy(() => tf.matMul(stack(queries), stack(candidates), false, true).dataSync()) as Float32Array;
}

function stack(rows: readonly Float32Array[]): tf.Tensor2D {
  const size = rows[0].length;
  const values = new Float32Array(rows.length * size);
  rows.forEach((row, index) => {
    values.set(row, index * size);
  });
  return tf.tensor2d(values, [rows.length, size]);
}

/** Rank of the nearest match from 1, behind all that are as near (or not comparable) without matching. */
function rankOfMatch(similarities: Float32Array, isMatch: (candidate: number) => boolean): number | undefined {
  const matching = Uint8Array.from(similarities, (_, candidate) => (isMatch(candidate) ? 1 : 0));
  if (!matching.includes(1)) return undefined;
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < similarities.length; i++) if (matching[i] && similarities[i] > best) best = similarities[i];
  let nearer = 0;
  for (let i = 0; i < similarities.length; i++) if (!matching[i] && !(similarities[i] < best)) nearer++;
  return nearer + 1;
}
