import { type Features, hostTensor } from '@polymodal/core';

/** A conversation in two. */
export interface AskedConversation {
  /** Up to where its last answer begins. */
  readonly asked: Features;
  /** The tokens of that answer, with what ends it. */
  readonly answer: Int32Array;
}

/**
 * Parts a conversation where its last answer begins, so that this can be asked for.
 *
 * @param conversation features of its tokens, among them `answers` (N), 1 = of an answer
 * @returns `undefined` where there is no answer, or nothing before it; and where values of other slots stand behind, which would have lost
 *   their places
 */
export function lastAnswer({ inputIds, answers, placeSlot, ...others }: Features): AskedConversation | undefined {
  const end = answers === undefined ? -1 : answers.data.lastIndexOf(1) + 1;
  if (end <= 0) return undefined;
  const begin = answers.data.lastIndexOf(0, end - 1) + 1;
  const isPlace = (slot: number) => slot >= 0;
  if (begin === 0 || (placeSlot && Array.from(placeSlot.data.slice(begin)).some(isPlace))) return undefined;
  const whole: Features = { inputIds, answers, ...(placeSlot && { placeSlot }), ...others };
  const asked = Object.fromEntries(
    Object.entries(whole).map(([name, { data, dtype }]) => [name, hostTensor(data.slice(0, begin), [begin], dtype)]),
  );
  return { asked, answer: Int32Array.from(inputIds.data.slice(begin, end)) };
}
