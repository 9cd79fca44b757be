import type { Split } from '@polymodal/example-material';

/** A digit spoken without noise, at `sampleRate`, silence trimmed. */
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
