import { EXCLUDED, type LogitsProcessor } from './logits-processor';
import { largestOf, probabilities } from './probabilities';

/** Keeps the k most likely tokens, and those as likely as the last of them (HF `TopKLogitsWarper`). */
export function topK(k: number): LogitsProcessor {
  return (logits) => {
    if (k < logits.length) keepFrom(logits, kthLargest(logits, k));
  };
}

/** Keeps the fewest tokens whose probabilities sum up to p (Holtzman et al. 2020; HF `TopPLogitsWarper`). */
export function topP(p: number): LogitsProcessor {
  return (logits) => {
    const finite = logits.filter((logit) => logit !== EXCLUDED).sort(); // ascending
    const shares = probabilities(finite);
    let below = 0;
    let kept = 0;
    while (kept < finite.length - 1 && below + shares[kept] <= 1 - p) below += shares[kept++];
    keepFrom(logits, finite[kept]);
  };
}

/** Keeps tokens at least p times as likely as the most likely one (Nguyen et al. 2024, eq. 2; HF `MinPLogitsWarper`). */
export function minP(p: number): LogitsProcessor {
  return (logits) => keepFrom(logits, largestOf(logits) + Math.log(p));
}

/**
 * Keeps the tokens whose information is nearest to the entropy, the fewest whose probabilities sum up to p (Meister et al. 2022,
 * eq. 11; HF `TypicalLogitsWarper`).
 */
export function typicalP(p: number): LogitsProcessor {
  return (logits) => {
    const shares = probabilities(logits);
    let entropy = 0;
    for (const share of shares) if (share > 0) entropy -= share * Math.log(share);
    const distances = shares.map((share) => Math.abs(-Math.log(share) - entropy));
    const order = Uint32Array.from(shares.keys()).sort((a, b) => distances[a] - distances[b]);
    let sum = 0;
    let last = 0;
    while (last < order.length - 1 && sum + shares[order[last]] < p) sum += shares[order[last++]];
    const limit = distances[order[last]];
    for (let id = 0; id < logits.length; id++) if (distances[id] > limit) logits[id] = EXCLUDED;
  };
}

function keepFrom(logits: Float32Array, least: number): void {
  for (let id = 0; id < logits.length; id++) if (logits[id] < least) logits[id] = EXCLUDED;
}

/** Keeps the k largest so far in order, since most of the others are not among them. */
function kthLargest(values: Float32Array, k: number): number {
  const largest = new Float32Array(k).fill(EXCLUDED); // descending
  for (const value of values) {
    if (!(value > largest[k - 1])) continue;
    let low = 0;
    for (let high = k - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (largest[middle] >= value) low = middle + 1;
      else high = middle;
    }
    largest.copyWithin(low + 1, low, k - 1);
    largest[low] = value;
  }
  return largest[k - 1];
}
