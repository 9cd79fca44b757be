import type { Split } from '../digit-sample';

/** Samples a second of everything that the example hears: a telephone's band. */
export const sampleRate = 8000;

/** A digit spoken without noise, at {@link sampleRate}, silence trimmed. */
export interface Utterance {
  readonly digit: number;
  readonly voice: string;
  readonly samples: Float32Array;
}

/** Utterances of each split by digit. */
export type Speech = Readonly<Record<Split, readonly (readonly Utterance[])[]>>;

export function utterancesByDigit(utterances: readonly Utterance[]): Utterance[][] {
  return Array.from({ length: 10 }, (_, digit) => utterances.filter((utterance) => utterance.digit === digit));
}
