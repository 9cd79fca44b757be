/** A set of code points, written down as runs: gap and length of each in base 36. */
export class CodePointSet {
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** Of the first plane, where nearly all text lies: one byte each. */
  readonly #firstPlane = new Uint8Array(0x10000);

  constructor(runs: string) {
    const words = runs.split(' ');
    this.#starts = new Int32Array(words.length);
    this.#ends = new Int32Array(words.length);
    let end = 0;
    for (const [index, word] of words.entries()) {
      const [gap, length = '1'] = word.split('.');
      const start = end + Number.parseInt(gap, 36);
      end = start + Number.parseInt(length, 36);
      this.#starts[index] = start;
      this.#ends[index] = end;
      this.#firstPlane.fill(1, start, end);
    }
  }

  has(point: number): boolean {
    return point < 0x10000 ? this.#firstPlane[point] === 1 : this.#search(point);
  }

  #search(point: number): boolean {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (point < this.#starts[middle]) high = middle;
      else if (point >= this.#ends[middle]) low = middle + 1;
      else return true;
    }
    return false;
  }
}
