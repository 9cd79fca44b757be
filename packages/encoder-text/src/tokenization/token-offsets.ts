import { byteLength } from './aligned-text';

/** Positions of a text in bytes of UTF-8, code points and UTF-16. */
export class TextPositions {
  readonly #points: Int32Array;
  readonly #units: Int32Array;
  readonly #count: number;

  constructor(text: string) {
    const bytes = byteLength(text, 0, text.length);
    this.#points = new Int32Array(bytes);
    const units: number[] = [];
    let byte = 0;
    let unit = 0;
    for (const character of text) {
      const end = byte + byteLength(character, 0, character.length);
      this.#points.fill(units.length, byte, end);
      units.push(unit);
      byte = end;
      unit += character.length;
    }
    this.#count = units.length;
    units.push(unit);
    this.#units = Int32Array.from(units);
  }

  /** A range of bytes in code points, as Python's tokenizers find it: within a character is at its beginning. */
  pointsOf([start, end]: readonly [number, number]): readonly [number, number] {
    const points = this.#points;
    if (start >= points.length) return [start, end];
    if (end < points.length) return [points[start], points[end]];
    const last = end - 1 < points.length ? points[end - 1] : points[start] + 1;
    return [points[start], last + 1];
  }

  /** A position in code points as one of UTF-16. */
  unitOf(point: number): number {
    return point <= this.#count ? this.#units[point] : this.#units[this.#count] + point - this.#count;
  }
}
