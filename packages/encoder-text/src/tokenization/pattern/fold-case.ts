import { generalCategory } from '../unicode/general-category';

/** Code points that are one letter where case does not count: s, S and ſ. */
export function caseVariants(point: number): readonly number[] {
  variants ??= readVariants();
  return variants.get(foldedPoint(point)) ?? [point];
}

/**
 * Letters that are several where case does not count (ß is ss), in lower case: Oniguruma takes the one for the others, which is
 * not done here.
 */
export function hasLongVariant(text: string): boolean {
  longVariants ??= readLongVariants();
  const lower = text.toLowerCase();
  return longVariants.some((variant) => lower.includes(variant));
}

let variants: Map<number, number[]> | undefined;
let longVariants: readonly string[] | undefined;

/** After the last letter that has two cases. */
const end = 0x1e944;

function readVariants(): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const point of casedPoints()) {
    const folded = foldedPoint(point);
    const group = groups.get(folded);
    if (group) group.push(point);
    else groups.set(folded, [point]);
  }
  return groups;
}

function* casedPoints(): Generator<number> {
  for (let point = 0x41; point < end; point++) {
    const isSurrogate = point >= 0xd800 && point < 0xe000;
    if (!isSurrogate && generalCategory(point) !== 'Cn') yield point;
  }
}

function foldedPoint(point: number): number {
  if (point === dotlessI) return point; // its capital is I, but it is no i
  const character = String.fromCodePoint(point);
  const upper = character.toUpperCase();
  const lower = (isOne(upper) ? upper : character).toLowerCase();
  return isOne(lower) ? lower.codePointAt(0)! : point;
}

const dotlessI = 0x131;

function isOne(text: string): boolean {
  return text.length === (text.codePointAt(0)! > 0xffff ? 2 : 1);
}

function readLongVariants(): string[] {
  const found = new Set<string>();
  for (const point of casedPoints()) {
    const character = String.fromCodePoint(point);
    for (const changed of [character.toUpperCase(), character.toLowerCase()]) {
      if (isOne(changed)) continue;
      found.add(changed.toLowerCase());
      found.add(character.toLowerCase());
    }
  }
  return [...found];
}
