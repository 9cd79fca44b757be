import { describeValue, SampleError } from '@polymodal/core';

/** A turn of a row, with placeholders in it. */
export interface SaidTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
  /** How error messages call it. */
  readonly where: string;
}

/** What a row says, before its files are found. */
export interface SaidConversation {
  readonly turns: readonly SaidTurn[];
  /** Cells by the keys of values. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** @throws SampleError for what is no text, or an empty one */
export function requireSaid(value: unknown, where: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new SampleError({
    where,
    expected: 'a text',
    received: typeof value === 'string' ? 'an empty one' : describeValue(value),
  });
}
