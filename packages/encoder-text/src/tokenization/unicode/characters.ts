import { CodePointSet } from './code-point-set';
import * as tables from './tables';

/** What characters are to Python's tokenizers: see the table of each. Read when they are first asked for. */
function lazily(table: string): (point: number) => boolean {
  let set: CodePointSet | undefined;
  return (point) => {
    set ??= new CodePointSet(table);
    return set.has(point);
  };
}

export const isAlphabetic = lazily(tables.alphabetic);
export const isWord = lazily(tables.words);
export const isNumeric = lazily(tables.numeric);
export const isPunctuation = lazily(tables.punctuation);
export const isControl = lazily(tables.controls);
export const isMark = lazily(tables.marks);
export const isNonspacingMark = lazily(tables.nonspacingMarks);
const isLowercased = lazily(tables.lowercased);

/** A character in lower case, whatever stands beside it (a final sigma is as any other). */
export function lowerCase(character: string): string {
  return isLowercased(character.codePointAt(0)!) ? character.toLowerCase() : character;
}

/** White_Space of Unicode, which has not changed since version 6.3. JavaScript's `\s` differs in U+0085 and U+FEFF. */
export function isWhiteSpace(point: number): boolean {
  if (point < 0x85) return point === 0x20 || (point >= 0x9 && point <= 0xd);
  if (point < 0x1680) return point === 0x85 || point === 0xa0;
  return (
    point === 0x1680 ||
    (point >= 0x2000 && point <= 0x200a) ||
    point === 0x2028 ||
    point === 0x2029 ||
    point === 0x202f ||
    point === 0x205f ||
    point === 0x3000
  );
}
