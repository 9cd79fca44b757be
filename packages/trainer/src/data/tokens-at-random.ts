import type { Lengths, RandomKey } from '@polymodal/core';
import type { SampleShape } from './sample-shape';
import type { TokenCounter } from './token-counter';

/** Of very many samples so many tell enough. */
const mostSamples = 2 ** 14;

/**
 * How many tokens are computed for a sample, on average, where batches are drawn at random, as is usual: each is padded to its longest sample
 * in every modality that one of its samples has, and what a sample lacks is computed too, as zeros.
 *
 * @param rows of a batch
 */
export function tokensAtRandom(
  shapes: readonly SampleShape[],
  rows: number,
  counter: TokenCounter,
  key: RandomKey,
): number {
  const drawn = [...key.shuffle(shapes.length)].slice(0, mostSamples).map((index) => shapes[index]);
  let computed = 0;
  for (let start = 0; start < drawn.length; start += rows) {
    const batch = drawn.slice(start, start + rows);
    computed += batch.length * tokensOfRow(batch, counter);
  }
  return computed / drawn.length;
}

/** How many tokens are computed of each row of a batch that is padded so. */
export function tokensOfRow(batch: readonly SampleShape[], counter: TokenCounter): number {
  const parts = new Set(batch.flatMap((shape) => Object.keys(shape)));
  return [...parts].reduce((sum, part) => {
    const own = batch.flatMap((shape) => (part in shape ? [shape[part]] : []));
    const longest = own.map(({ lengths = {} }) => lengths).reduce(union);
    // of pictures that cannot be padded to one size, the largest
    return sum + Math.max(...own.map((shape) => counter.padded(part, shape, longest)));
  }, 0);
}

function union(a: Lengths, b: Lengths): Lengths {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}
