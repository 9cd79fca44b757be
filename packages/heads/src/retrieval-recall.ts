/**
 * Recall@k: the share of queries that have a match among the k candidates whose embeddings are nearest by inner product.
 * Of equally near candidates the ones that do not match come first, so that collapsed embeddings score 0. Queries without
 * any match among the candidates do not count.
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
  let answerable = 0;
  let found = 0;
  queries.forEach((query, queryIndex) => {
    let best = Number.NEGATIVE_INFINITY; // similarity of the nearest match
    let hasMatch = false;
    const others: number[] = []; // similarities of what does not match
    candidates.forEach((candidate, candidateIndex) => {
      const similarity = innerProduct(query, candidate);
      if (matches(queryIndex, candidateIndex)) {
        hasMatch = true;
        best = Math.max(best, similarity);
      } else {
        others.push(similarity);
      }
    });
    if (!hasMatch) return;
    answerable++;
    if (others.filter((similarity) => !(similarity < best)).length < k) found++;
  });
  return found / answerable;
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
