/** A part of what was written of a window. */
interface WindowSegment {
  /** Steps of 0.02 s from the beginning of the window; undefined for that beginning. */
  readonly start: number | undefined;
  readonly end: number;
  readonly tokens: readonly number[];
  /** Which of those of the window is the first. */
  readonly from: number;
}

/** What was written of a window, and where the next one begins. */
export interface CutWindow {
  readonly segments: readonly WindowSegment[];
  /** Frames from the beginning of the window. */
  readonly advance: number;
}

/** Two frames of sound are one token of the encoder, and one step of time. */
const framesPerStep = 2;

/**
 * Cuts what was written where it says that one segment ends and the next begins. What stands behind the last such place is heard again in
 * the next window, since it may have been cut off in the middle (HF `_retrieve_segment`).
 *
 * @param written  without its end
 * @param firstTime the token of the time 0.00; larger than all where there are no times
 * @param frames   of the window that belong to the recording
 */
export function cutSegments(written: readonly number[], firstTime: number, frames: number): CutWindow {
  const isTime = (place: number) => (written[place] ?? -1) >= firstTime;
  const endsWithOne = written.length > 1 && isTime(written.length - 1) && !isTime(written.length - 2);
  const pairs = written.flatMap((_, place) => (isTime(place) && isTime(place + 1) ? [place + 1] : []));
  if (pairs.length === 0) {
    const last = written.findLast((id) => id >= firstTime);
    const end = last !== undefined && last !== firstTime ? last - firstTime : Math.floor(frames / framesPerStep);
    return { segments: [{ start: undefined, end, tokens: written, from: 0 }], advance: frames };
  }
  // The second time of the last pair stays with its segment, to tell that it did not end with one alone.
  const ends = endsWithOne ? [...pairs, written.length] : [...pairs.slice(0, -1), pairs.at(-1)! + 1];
  const segments = ends.map((end, index) => {
    const from = ends[index - 1] ?? 0;
    const tokens = written.slice(from, end);
    const last = index === ends.length - 1 && !endsWithOne ? tokens.at(-2)! : tokens.at(-1)!;
    return { start: tokens[0]! - firstTime, end: last - firstTime, tokens, from };
  });
  const last = written[ends.at(-1)! - 2]! - firstTime;
  const advance = endsWithOne ? frames : last * framesPerStep;
  return { segments, advance: advance > 0 ? advance : frames };
}
