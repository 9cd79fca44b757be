/** Which code points a part of a pattern takes; asked once for each of the first plane. */
export class CharacterMatcher {
  readonly #answers = new Uint8Array(0x10000);
  readonly #takes: (point: number) => boolean;

  constructor(takes: (point: number) => boolean) {
    this.#takes = takes;
  }

  has(point: number): boolean {
    if (point > 0xffff) return this.#takes(point);
    const known = this.#answers[point];
    if (known > 0) return known === yes;
    const takes = this.#takes(point);
    this.#answers[point] = takes ? yes : no;
    return takes;
  }
}

const no = 1;
const yes = 2;
