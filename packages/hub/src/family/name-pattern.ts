import { literalPattern } from '@polymodal/core';

/** What stands in the places of a pattern, by their letters. */
export type Binding = ReadonlyMap<string, string>;

/** A name with places in it: `{i}` for a number, `*` for one part of a name, `**` for any rest. */
export class NamePattern {
  readonly #places: readonly string[];
  readonly #expression: RegExp;

  constructor(readonly pattern: string) {
    this.#places = [...pattern.matchAll(place)].map(([found]) => found);
    const literals = pattern.split(place).map(literalPattern);
    const groups = this.#places.map((found) => `(${expressions[found] ?? expressions['{i}']})`);
    this.#expression = new RegExp(`^${literals.map((literal, index) => literal + (groups[index] ?? '')).join('')}$`);
  }

  /** What a name has in the places, or undefined if it is of another form. */
  match(name: string): Binding | undefined {
    const found = this.#expression.exec(name);
    return found ? new Map(this.#places.map((letter, index) => [letter, found[index + 1]])) : undefined;
  }

  /** The name with what belongs into its places. */
  fill(binding: Binding): string {
    return this.pattern.replaceAll(place, (letter) => binding.get(letter) ?? letter);
  }
}

const place = /\{[a-z]\}|\*\*|\*/g;

const expressions: Readonly<Record<string, string>> = { '{i}': '0|[1-9][0-9]*', '*': '[^.]+', '**': '.*' };
