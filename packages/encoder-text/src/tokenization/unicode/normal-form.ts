import type { ChangedCharacter } from '../aligned-text';
import { CodePointSet } from './code-point-set';
import { combiningClasses, decomposable } from './tables';

/** A normal form of Unicode (UAX #15). */
export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/**
 * The characters of a text in a normal form of Unicode 9.0, which is what Python's tokenizers know. Later characters are left
 * as they are.
 */
export function normalForm(text: string, form: NormalForm): ChangedCharacter[] {
  const characters = decompose(text, form.endsWith('KC') || form.endsWith('KD') ? 'NFKD' : 'NFD');
  return form.endsWith('C') ? compose(characters) : characters;
}

/** Whether a text is certainly its own normal form: characters before these neither decompose, combine nor change places. */
export function isPlain(text: string, form: NormalForm): boolean {
  const first = form === 'NFC' ? 0x300 : form === 'NFD' ? 0xc0 : 0xa0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= first) return false;
  return true;
}

/**
 * Whether a character certainly neither combines with what stands before it nor changes places with it, in any normal form: letters
 * before the first marks, and of the scripts that may be written without spaces between, those that stand for themselves.
 */
export function beginsAnew(unit: number): boolean {
  return unit < 0x300 || startersInRanges.some(([first, last]) => unit >= first && unit <= last);
}

const startersInRanges = [
  [0x2000, 0x20cf], // punctuation
  [0x3000, 0x3029],
  [0x3041, 0x3096], // kana
  [0x30a1, 0x30fe],
  [0x3400, 0x9fff], // ideographs
  [0xff01, 0xff9d], // of full and half width, before the marks of half width
  [0xfffd, 0xfffd],
] as const;

function decompose(text: string, form: 'NFD' | 'NFKD'): OrderedCharacter[] {
  const found: OrderedCharacter[] = [];
  let pending = 0; // where the marks that are not yet in order begin
  for (const character of text) {
    let change = 0;
    for (const part of decomposition(character, form)) {
      const point = part.codePointAt(0)!;
      const order = combiningClass(point);
      if (order === 0) {
        sortFrom(found, pending);
        pending = found.length + 1;
      }
      found.push({ point, change, order });
      change = 1;
    }
  }
  sortFrom(found, pending);
  return found;
}

interface OrderedCharacter extends ChangedCharacter {
  /** Canonical combining class. */
  readonly order: number;
}

function sortFrom(characters: OrderedCharacter[], start: number): void {
  if (characters.length - start < 2) return;
  const marks = characters.splice(start).sort((a, b) => a.order - b.order); // stable
  for (const mark of marks) characters.push(mark);
}

function compose(characters: readonly OrderedCharacter[]): ChangedCharacter[] {
  const found: { point: number; change: number }[] = [];
  let starter: (typeof found)[number] | undefined;
  let lastOrder = 0;
  for (const { point, change, order } of characters) {
    const isBlocked = lastOrder > 0 && lastOrder >= order;
    const composed = starter && !isBlocked ? composition(starter.point, point) : undefined;
    if (starter && composed !== undefined) {
      starter.point = composed;
      starter.change += change - 1;
      continue;
    }
    const kept = { point, change };
    found.push(kept);
    if (order === 0) starter = kept;
    lastOrder = starter ? order : 0;
  }
  return found;
}

const hasDecomposition = new CodePointSet(decomposable);
const decompositions = { NFD: new Map<string, readonly string[]>(), NFKD: new Map<string, readonly string[]>() };

function decomposition(character: string, form: 'NFD' | 'NFKD'): readonly string[] {
  if (character < '\u00a0' || !hasDecomposition.has(character.codePointAt(0)!)) return [character];
  let parts = decompositions[form].get(character);
  if (!parts) {
    parts = Array.from(character.normalize(form));
    decompositions[form].set(character, parts);
  }
  return parts;
}

/** Two characters in one, as far as Unicode 9.0 has it. */
function composition(first: number, second: number): number | undefined {
  if (second < 0x300) return undefined;
  const composed = String.fromCodePoint(first, second).normalize('NFC');
  const point = composed.codePointAt(0)!;
  const isOne = composed.length === (point > 0xffff ? 2 : 1);
  return isOne && hasDecomposition.has(point) ? point : undefined;
}

const orders = new Map<number, number>();
for (const run of combiningClasses.split(' ')) {
  const [start, length, order] = run.split('.').map((word) => Number.parseInt(word, 36));
  for (let point = start; point < start + length; point++) orders.set(point, order);
}

function combiningClass(point: number): number {
  return point < 0x300 ? 0 : (orders.get(point) ?? 0);
}
