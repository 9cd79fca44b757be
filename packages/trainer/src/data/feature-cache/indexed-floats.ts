/** Floats of few different values, by a byte for each that says which it is. */
export interface IndexedFloats {
  /** How many floats follow one another that have lists of values of their own: the channels of a pixel. */
  readonly period: number;
  /** The values of each place in a period, 256 of each, those behind the last one zeros. */
  readonly values: Float32Array;
  readonly indices: Uint8Array;
}

const levels = 256;

/** Channels of a pixel; what has longer rows has one list for all. */
const longestPeriod = 4;

/**
 * Floats in a quarter of their size, to the bit: those of pictures, of which each channel has the 256 levels of a byte, scaled and shifted.
 *
 * @param rowLength the length of the last axis
 * @returns `undefined` for floats of more different values
 */
export function indexFloats(floats: Float32Array, rowLength: number): IndexedFloats | undefined {
  const period = rowLength > 0 && rowLength <= longestPeriod ? rowLength : 1;
  if (floats.length < period * levels * 2) return undefined; // nothing would be saved
  const bits = new Int32Array(floats.buffer, floats.byteOffset, floats.length); // tells -0 from 0, and one NaN from another
  const values = new Int32Array(period * levels);
  const known = Array.from({ length: period }, () => new Map<number, number>());
  const indices = new Uint8Array(floats.length);
  for (let at = 0, place = 0; at < bits.length; at++, place = place + 1 === period ? 0 : place + 1) {
    const own = known[place];
    let index = own.get(bits[at]);
    if (index === undefined) {
      if (own.size === levels) return undefined;
      index = own.size;
      own.set(bits[at], index);
      values[place * levels + index] = bits[at];
    }
    indices[at] = index;
  }
  return { period, values: new Float32Array(values.buffer), indices };
}

/** The floats, to the bit. */
export function floatsOf({ period, values, indices }: IndexedFloats): Float32Array {
  const from = new Int32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Int32Array(indices.length);
  for (let place = 0; place < period; place++) {
    const first = place * levels;
    for (let at = place; at < indices.length; at += period) bits[at] = from[first + indices[at]];
  }
  return new Float32Array(bits.buffer);
}
