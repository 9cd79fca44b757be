import type { CharacterMatcher } from './character-matcher';

/** What stands between two characters. */
export type Assertion =
  | 'line_start'
  | 'line_end'
  | 'string_start'
  | 'string_end'
  | 'string_end_newline'
  | 'search_start'
  | 'word_boundary'
  | 'not_word_boundary';

/** A step of a compiled pattern; `then` are those that come after, by their number. */
export type Instruction =
  | { readonly kind: 'character'; readonly point: number }
  | { readonly kind: 'set'; readonly set: CharacterMatcher }
  /** As many characters as there are, up to `max`; gives them back one by one, unless it is possessive. */
  | {
      readonly kind: 'run';
      readonly set: CharacterMatcher;
      readonly min: number;
      readonly max: number;
      readonly keeps: boolean;
    }
  | { readonly kind: 'fork'; readonly first: number; readonly second: number }
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  /** Another pattern, which matches here and is not gone back into. */
  | { readonly kind: 'atomic'; readonly program: Program }
  | { readonly kind: 'ahead'; readonly program: Program; readonly negate: boolean }
  | {
      readonly kind: 'behind';
      readonly program: Program;
      readonly negate: boolean;
      readonly min: number;
      readonly max: number;
    }
  /** Remembers where a round of a repetition begins. */
  | { readonly kind: 'mark'; readonly register: number }
  /** Leaves a repetition whose round took nothing. */
  | { readonly kind: 'leaveIfEmpty'; readonly register: number; readonly to: number }
  | { readonly kind: 'done' };

/** A compiled pattern. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly registers: number;
}
