import type { NumberWords } from './number-words';

/** For every character of a language's words, those that a slip can put in its place. */
export type Slips = ReadonlyMap<string, readonly string[]>;

/**
 * On a keyboard a finger hits one of the keys around the right one; an accented letter that has no key of its own
 * loses its accent instead. Without a keyboard any other character of the words may be meant.
 */
export function slipsOf({ words, keyboard }: Pick<NumberWords, 'words' | 'keyboard'>): Slips {
  const characters = [...new Set(words.join(''))];
  return new Map(
    characters.map((character) => [
      character,
      (keyboard && (keysAround(character, keyboard) ?? withoutAccent(character))) ??
        characters.filter((other) => other !== character),
    ]),
  );
}

/** Keys at most one column and one row away; rows of a keyboard are staggered by less than half a key. */
function keysAround(character: string, keyboard: readonly string[]): string[] | undefined {
  const rows = keyboard.map((keys) => [...keys]);
  const row = rows.findIndex((keys) => keys.includes(character));
  if (row < 0) return undefined;
  const column = rows[row].indexOf(character);
  return [row - 1, row, row + 1]
    .flatMap((r) => rows[r]?.slice(Math.max(0, column - 1), column + 2) ?? [])
    .filter((key) => key !== character);
}

function withoutAccent(character: string): string[] | undefined {
  const base = character.normalize('NFD').replace(/\p{Mark}/gu, '');
  return base && base !== character ? [base] : undefined;
}
