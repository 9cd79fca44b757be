import type { RandomKey } from '@polymodal/core';
import { drawWeighted } from '../draw-weighted';
import { type Range, uniformIn } from '../uniform-in';
import type { Slips } from './slips';

/** How likely errors are, and which. */
export interface TypingErrors {
  /** Expected errors per character, drawn for each text. */
  readonly errorRate: Range;
  /** Relative frequency of each kind of error. */
  readonly errors: Readonly<Record<'neighbour' | 'drop' | 'double' | 'transpose' | 'unreadable', number>>;
}

/** Stands for a character that did not survive: U+FFFD, as decoders write it. */
export const unreadable = '\uFFFD';

/** Types a text with errors. Never empty; NFC. */
export function misspell(text: string, slips: Slips, config: TypingErrors, key: RandomKey): string {
  const rate = uniformIn(config.errorRate, key.fold('rate'));
  const characters = [...text];
  const wrong = key.fold('where').bernoulli(characters.length, rate);
  const typed: string[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    const here = key.fold(i);
    switch (wrong[i] ? drawWeighted(config.errors, here.fold('error')) : undefined) {
      case undefined:
        typed.push(character);
        break;
      case 'neighbour': {
        const others = slips.get(character) ?? [];
        typed.push(others.length > 0 ? others[here.fold('slip').integer(0, others.length)] : unreadable);
        break;
      }
      case 'drop':
        break;
      case 'double':
        typed.push(character, character);
        break;
      case 'transpose': // with the character before, if there is one
        typed.splice(Math.max(0, typed.length - 1), 0, character);
        break;
      case 'unreadable':
        typed.push(unreadable);
        break;
    }
  }
  return (typed.join('') || unreadable).normalize('NFC');
}
