import type { RowsInSlots } from '../cache/slots-seen';

/**
 * How rows lie in slots: what is known of each ends with the last of the first `taken` slots, and the rest begins behind it, so that the tokens of a
 * row follow one another.
 */
export class PrefixLayout implements RowsInSlots {
  /** Empty slots at the beginning of each row. */
  readonly starts: readonly number[];
  /** Slots that are taken by what is known. */
  readonly taken: number;
  /** Tokens of the longest rest. */
  readonly added: number;
  /** Whether the rests are shorter than the rows. */
  readonly isShorter: boolean;
  readonly #places: readonly (readonly number[])[];

  /**
   * @param places of the tokens of each row among its N
   * @param known  how many of them are known, fewer than there are
   */
  constructor(
    places: readonly (readonly number[])[],
    readonly known: readonly number[],
  ) {
    this.#places = places;
    this.taken = Math.max(...known);
    this.starts = known.map((count) => this.taken - count);
    this.added = Math.max(...places.map((own, row) => own.length - known[row]));
    this.isShorter = this.added < Math.max(...places.map((own) => own.length));
  }

  /** Among the B · N tokens of the rows, which are run: B · `added`. Behind a row's last one it does not matter what stands. */
  sources(length: number): Int32Array {
    return this.#ofAdded((row, token) => row * length + (this.#places[row][this.known[row] + token] ?? 0), Int32Array);
  }

  /** 1 for those that are tokens of their rows. */
  mask(): Float32Array {
    return this.#ofAdded((row, token) => (this.known[row] + token < this.#places[row].length ? 1 : 0), Float32Array);
  }

  /**
   * For each of N places of each row, the slot of its token, counted through all rows, which have `taken` + `added`; the first where there is none,
   * and it does not matter what stands.
   */
  slots(length: number): number[][] {
    return this.#places.map((own, row) => {
      const slots = new Array<number>(length).fill(0);
      own.forEach((place, index) => {
        slots[place] = row * (this.taken + this.added) + this.starts[row] + index;
      });
      return slots;
    });
  }

  #ofAdded<T extends Int32Array | Float32Array>(
    of: (row: number, token: number) => number,
    kind: new (length: number) => T,
  ): T {
    const values = new kind(this.#places.length * this.added);
    for (let at = 0; at < values.length; at++) values[at] = of(Math.floor(at / this.added), at % this.added);
    return values;
  }
}
