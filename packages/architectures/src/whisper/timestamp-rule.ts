import type { LogitsProcessor } from '@polymodal/generation';

/** Which tokens a {@link timestampRule} goes by. */
export interface TimestampTokens {
  /** Behind which nothing of time is written; the next id is the time 0.00. */
  readonly noTimestampsTokenId: number;
  readonly endTokenId: number;
  /** The latest time that the first may say, in steps. */
  readonly maxInitialTimestamp?: number | undefined;
}

/**
 * How Whisper writes times (Radford et al. 2023, section 4.5; HF `WhisperTimeStampLogitsProcessor`): one at first, then in pairs, the end of a
 * segment and the beginning of the next, never going back; and one wherever all of them together are likelier than any word.
 */
export function timestampRule({
  noTimestampsTokenId,
  endTokenId,
  maxInitialTimestamp,
}: TimestampTokens): LogitsProcessor {
  const first = noTimestampsTokenId + 1;
  return (logits, { ids, promptLength }) => {
    const written = ids.slice(promptLength);
    const isTime = (place: number) => (written.at(place) ?? -1) >= first;
    const exclude = (from: number, to: number) => logits.fill(Number.NEGATIVE_INFINITY, from, to);
    exclude(noTimestampsTokenId, first);
    const lastIsTime = written.length > 0 && isTime(-1);
    const isPair = lastIsTime && (written.length < 2 || isTime(-2));
    if (isPair) exclude(first, logits.length);
    else if (lastIsTime) exclude(0, endTokenId);
    const last = written.findLast((id) => id >= first);
    if (last !== undefined) exclude(first, Math.max(first, lastIsTime && !isPair ? last : last + 1));
    if (written.length === 0) {
      exclude(0, first);
      if (maxInitialTimestamp !== undefined) exclude(first + maxInitialTimestamp + 1, logits.length);
    }
    if (timesAreLikelier(logits, first)) exclude(0, first);
  };
}

/** Whether all times together are likelier than the likeliest word. */
function timesAreLikelier(logits: Float32Array, first: number): boolean {
  let word = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < first; id++) if (logits[id]! > word) word = logits[id]!;
  let largest = Number.NEGATIVE_INFINITY;
  for (let id = first; id < logits.length; id++) if (logits[id]! > largest) largest = logits[id]!;
  if (largest === Number.NEGATIVE_INFINITY) return false;
  let sum = 0;
  for (let id = first; id < logits.length; id++) sum += Math.exp(logits[id]! - largest);
  return largest + Math.log(sum) > word;
}
