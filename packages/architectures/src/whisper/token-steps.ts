import { timeWarping } from './time-warping';

/** How much the heads that follow what is said look at each step of time. */
export interface Looks {
  /** (heads, tokens, steps), one after the other. */
  readonly weights: Float32Array;
  readonly heads: number;
  readonly tokens: number;
  readonly steps: number;
}

/**
 * When tokens come to their ends, by where they look: weights that are normalised over the tokens, smoothed over time, and averaged over the heads, are gone
 * through on the best path (HF `_extract_token_timestamps`).
 *
 * @param width of the median filter
 * @returns     for each token, in steps of 0.02 s
 */
export function tokenSteps({ weights, heads, tokens, steps }: Looks, width: number): Int32Array {
  const costs = new Float32Array(tokens * steps);
  const size = tokens * steps;
  for (let head = 0; head < heads; head++) {
    const own = weights.subarray(head * size, (head + 1) * size);
    normalise(own, tokens, steps);
    for (let token = 0; token < tokens; token++) {
      const smoothed = medians(own.subarray(token * steps, (token + 1) * steps), width);
      for (let step = 0; step < steps; step++) costs[token * steps + step]! -= smoothed[step]! / heads;
    }
  }
  return timeWarping(costs, tokens, steps);
}

/** Mean 0 and standard deviation 1 over the tokens, in place. */
function normalise(weights: Float32Array, tokens: number, steps: number): void {
  for (let step = 0; step < steps; step++) {
    let [sum, squares] = [0, 0];
    for (let at = step; at < weights.length; at += steps) sum += weights[at]!;
    const mean = sum / tokens;
    for (let at = step; at < weights.length; at += steps) squares += (weights[at]! - mean) ** 2;
    const deviation = Math.sqrt(squares / tokens) || 1; // of one token, which differs from none
    for (let at = step; at < weights.length; at += steps) weights[at] = (weights[at]! - mean) / deviation;
  }
}

/** The median of the values around each, which are mirrored at both ends. */
function medians(values: Float32Array, width: number): Float32Array {
  const half = Math.floor(width / 2);
  const last = values.length - 1;
  if (half === 0 || last < half) return values;
  const around = new Float32Array(width);
  return values.map((_, at) => {
    for (let place = 0; place < width; place++) {
      const index = Math.abs(at + place - half);
      around[place] = values[index > last ? 2 * last - index : index]!;
    }
    return around.sort()[half]!;
  });
}
