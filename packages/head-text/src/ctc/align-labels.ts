import { SampleError } from '@polymodal/core';
import type { FrameLogProbabilities } from './best-path';
import type { WrittenLabel } from './ctc-vocabulary';

/** What {@link alignLabels} finds. */
export interface AlignedLabels {
  /** The labels, each with the frames that it takes in the likeliest way to write them. */
  readonly labels: readonly WrittenLabel[];
  /** log p(labels), of all ways to write them: −∞ where the frames are too few. */
  readonly logProbability: number;
}

/** Of each frame and state, a byte that says from how far before it the likeliest way comes: no more than this. */
const mostCells = 2 ** 30;

/**
 * Where labels stand in a recording: all ways to write them are summed, and the likeliest of them is followed back (Viterbi).
 *
 * @throws SampleError where frames times twice the labels are more than 2³⁰
 */
export function alignLabels(known: FrameLogProbabilities, ids: ArrayLike<number>, blank: number): AlignedLabels {
  const { frames } = known;
  const states = 2 * ids.length + 1;
  if (frames * states > mostCells) {
    throw new SampleError({
      where: 'alignLabels',
      expected: `at most ${mostCells} pairs of a frame and a place: frames × (2 × labels + 1)`,
      received: `${frames} × ${states}`,
      hint: 'Align parts of the recording by themselves.',
    });
  }
  const before = new Uint8Array(frames * states);
  const { logProbability, endsInLabel } = throughFrames(known, ids, blank, before);
  if (frames === 0 || logProbability === Number.NEGATIVE_INFINITY) return { labels: [], logProbability };
  const spans = Array.from(ids, (id) => ({ id, startFrame: 0, endFrame: 0 }));
  let state = states - (endsInLabel ? 2 : 1);
  for (let frame = frames - 1; frame >= 0; frame--) {
    if (state % 2 === 1) {
      const span = spans[(state - 1) / 2];
      span.startFrame = frame;
      span.endFrame ||= frame + 1;
    }
    state -= before[frame * states + state];
  }
  return { labels: spans, logProbability };
}

/** log p(labels), of all ways to write them: −∞ where the frames are too few. */
export function logProbabilityOf(known: FrameLogProbabilities, ids: ArrayLike<number>, blank: number): number {
  return throughFrames(known, ids, blank).logProbability;
}

/** @param before (T, S), is written: from how far before it the likeliest way to each state comes */
function throughFrames(
  { data, frames, size }: FrameLogProbabilities,
  ids: ArrayLike<number>,
  blank: number,
  before?: Uint8Array,
): { readonly logProbability: number; readonly endsInLabel: boolean } {
  const states = 2 * ids.length + 1;
  const idAt = (state: number) => (state % 2 === 0 ? blank : ids[(state - 1) / 2]);
  let sums = new Float64Array(states).fill(Number.NEGATIVE_INFINITY);
  let bests = sums.slice();
  for (let frame = 0; frame < frames; frame++) {
    const [nextSums, nextBests] = [new Float64Array(states), new Float64Array(states)];
    for (let state = 0; state < states; state++) {
      const id = idAt(state);
      const reach = state > 1 && id !== blank && id !== idAt(state - 2) ? 2 : Math.min(state, 1);
      let [sum, best, from] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
      if (frame === 0 && state < 2) [sum, best] = [0, 0];
      for (let by = 0; by <= reach && frame > 0; by++) {
        sum = logAdd(sum, sums[state - by]);
        if (bests[state - by] > best) [best, from] = [bests[state - by], by];
      }
      const emitted = data[frame * size + id];
      [nextSums[state], nextBests[state]] = [sum + emitted, best + emitted];
      if (before) before[frame * states + state] = from;
    }
    [sums, bests] = [nextSums, nextBests];
  }
  if (frames === 0) return { logProbability: states === 1 ? 0 : Number.NEGATIVE_INFINITY, endsInLabel: false };
  return {
    logProbability: states > 1 ? logAdd(sums[states - 1], sums[states - 2]) : sums[0],
    endsInLabel: states > 1 && bests[states - 2] > bests[states - 1],
  };
}

/** log(exp a + exp b) */
export function logAdd(a: number, b: number): number {
  const larger = Math.max(a, b);
  if (larger === Number.NEGATIVE_INFINITY) return larger;
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}
