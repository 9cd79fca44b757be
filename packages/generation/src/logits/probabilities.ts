/** The softmax of logits, in double precision; those that are −∞ give 0. */
export function probabilities(logits: Float32Array): Float64Array {
  const largest = largestOf(logits);
  const result = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  let sum = 0;
  for (const value of result) sum += value;
  for (let id = 0; id < result.length; id++) result[id] /= sum;
  return result;
}

/** The logarithms of {@link probabilities}, to single precision. */
export function logProbabilities(logits: Float32Array): Float32Array {
  const largest = largestOf(logits);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  const whole = largest + Math.log(sum);
  return logits.map((logit) => logit - whole);
}

/** The largest of some numbers. */
export function largestOf(values: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
