/** Code points from one to another, both among them. */
export type CodePointRange = readonly [from: number, to: number];

/** All that texts consist of: no halves of surrogate pairs. */
export const allCodePoints: readonly CodePointRange[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Those of a text, each. */
export function codePointsOf(text: string): CodePointRange[] {
  return Array.from(text, (character) => [character.codePointAt(0)!, character.codePointAt(0)!] as const);
}

/** Those of `ranges` that are not among `others`. */
export function without(ranges: readonly CodePointRange[], others: readonly CodePointRange[]): CodePointRange[] {
  return others.reduce<CodePointRange[]>(
    (left, [from, to]) =>
      left.flatMap(([first, last]) => {
        if (to < first || from > last) return [[first, last] as const];
        const before: CodePointRange[] = first < from ? [[first, from - 1]] : [];
        return last > to ? [...before, [to + 1, last] as const] : before;
      }),
    [...ranges],
  );
}

/** Those that are in both. */
export function among(ranges: readonly CodePointRange[], others: readonly CodePointRange[]): CodePointRange[] {
  return without(ranges, without(allCodePoints, others));
}

/** Bytes from one to another at each place of a character's UTF-8. */
export type ByteRanges = readonly (readonly [from: number, to: number])[];

/** The UTF-8 of code points, as bytes that may follow one another. */
export function utf8Of([from, to]: CodePointRange): ByteRanges[] {
  for (const last of [0x7f, 0x7ff, 0xffff]) {
    if (from <= last && last < to) return [...utf8Of([from, last]), ...utf8Of([last + 1, to])];
  }
  for (const bits of to > 0x7f ? [6, 12, 18] : []) {
    const mask = 2 ** bits - 1;
    if ((from & ~mask) === (to & ~mask)) continue;
    if ((from & mask) !== 0) return [...utf8Of([from, from | mask]), ...utf8Of([(from | mask) + 1, to])];
    if ((to & mask) !== mask) return [...utf8Of([from, (to & ~mask) - 1]), ...utf8Of([to & ~mask, to])];
  }
  const [first, last] = [from, to].map((point) => new TextEncoder().encode(String.fromCodePoint(point)));
  return [Array.from(first!, (byte, place) => [byte, last![place]!] as const)];
}
