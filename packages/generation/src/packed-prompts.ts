/**
 * How the tokens of rows lie in fewer rows, several prompts one behind the other, so that short ones beside long ones are hardly padded.
 * Which prompt stands where is found by first fit decreasing (Johnson 1973), in rows of the width at which they are cheapest.
 */
export class PackedPrompts {
  /** By packed row, the prompts in it, in their order. */
  readonly #rows: readonly (readonly number[])[];
  /** Tokens of a packed row. */
  readonly width: number;
  /** Of each prompt, where its tokens stand among the N of its row. */
  readonly #places: readonly (readonly number[])[];

  private constructor(rows: readonly (readonly number[])[], width: number, places: readonly (readonly number[])[]) {
    this.#rows = rows;
    this.width = width;
    this.#places = places;
  }

  /**
   * The packed form of rows, where it saves enough.
   *
   * @param places of the tokens of each row among its N
   * @param length N
   */
  static of(places: readonly (readonly number[])[], length: number): PackedPrompts | undefined {
    const lengths = places.map((own) => own.length);
    const longest = Math.ceil(Math.max(...lengths) / widthStep) * widthStep;
    let best: { rows: number[][]; width: number } | undefined;
    for (let width = longest; width <= mostWider * longest; width += widthStep) {
      const rows = firstFit(lengths, width);
      if (best === undefined || rows.length * width < best.rows.length * best.width) best = { rows, width };
    }
    const isWorthIt = best !== undefined && best.rows.length * best.width <= mostOfPadded * places.length * length;
    return isWorthIt ? new PackedPrompts(best!.rows, best!.width, places) : undefined;
  }

  /** Packed rows. */
  get count(): number {
    return this.#rows.length;
  }

  /** For each token of the packed rows, which of the B · N it is; the first where there is none. @param length N */
  sources(length: number): Int32Array {
    return this.#filled(Int32Array, (prompt, token) => prompt * length + this.#places[prompt][token]);
  }

  /** 1 for tokens of the packed rows that are of a prompt. */
  mask(): Float32Array {
    return this.#filled(Float32Array, () => 1);
  }

  /** Of which prompt each token of the packed rows is. */
  segments(): Int32Array {
    return this.#filled(Int32Array, (prompt) => prompt);
  }

  /** For each of N places of each row, which token of all packed rows stands there; the first where there is none. @param length N */
  places(length: number): number[][] {
    const places = this.#places.map(() => new Array<number>(length).fill(0));
    this.#rows.forEach((prompts, row) => {
      let at = row * this.width;
      for (const prompt of prompts) for (const place of this.#places[prompt]) places[prompt][place] = at++;
    });
    return places;
  }

  #filled<T extends Int32Array | Float32Array>(
    kind: new (length: number) => T,
    of: (prompt: number, token: number) => number,
  ): T {
    const values = new kind(this.count * this.width);
    this.#rows.forEach((prompts, row) => {
      let at = row * this.width;
      for (const prompt of prompts) {
        for (let token = 0; token < this.#places[prompt].length; token++) values[at++] = of(prompt, token);
      }
    });
    return values;
  }
}

/** Packed rows come in widths that are multiples of this, so that what moves their tokens comes in fewer shapes. */
const widthStep = 16;
/** Each token looks at all of its packed row, so that wide ones cost attention more. */
const mostWider = 1.25;
/** What is saved has to be more than what moving tokens costs. */
const mostOfPadded = 0.8;

/** Puts the longest first, each into the first row that has room. */
function firstFit(lengths: readonly number[], width: number): number[][] {
  const rows: { left: number; readonly prompts: number[] }[] = [];
  for (const prompt of [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a])) {
    const row = rows.find(({ left }) => left >= lengths[prompt]);
    if (row) {
      row.left -= lengths[prompt];
      row.prompts.push(prompt);
    } else rows.push({ left: width - lengths[prompt], prompts: [prompt] });
  }
  return rows.map(({ prompts }) => prompts);
}
