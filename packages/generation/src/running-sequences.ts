/**
 * Which sequences stand in the rows that are run. Those that have ended go along for a while, and are not heeded; once a quarter has, they
 * are left out: what is moved by that, all in all, is a few times what there was at first, and every step behind it costs less.
 */
export class RunningSequences {
  #indices: readonly number[];

  constructor(count: number) {
    this.#indices = Array.from({ length: count }, (_, index) => index);
  }

  /** The sequence of each row. */
  get indices(): readonly number[] {
    return this.#indices;
  }

  /** Leaves out what has ended, if that pays. @returns the rows that go on; undefined where all do */
  leaveOut(hasEnded: (index: number) => boolean): readonly number[] | undefined {
    const rows = [...this.#indices.keys()].filter((row) => !hasEnded(this.#indices[row]));
    if (rows.length > mostKept * this.#indices.length) return undefined;
    this.#indices = rows.map((row) => this.#indices[row]);
    return rows;
  }
}

const mostKept = 0.75;
