/** The softmax of logits, in double precision; those that are −∞ give 0. */
export function probabilities(logits: Float32Array): Float64Array {
  const largest = largestOf(logits);
  const result = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  let sum = 0;
  for (const value of result) sum += value;
  for (let id = 0; id < result.length; id++) result[id] /= sum;
  return result;
}

/** The largest of some numbers. */
export function largestOf(values: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
