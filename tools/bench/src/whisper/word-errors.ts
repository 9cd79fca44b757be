import { wordErrorRate } from '@polymodal/head-text';

/** Word error rates by kinds of recordings, whatever is written large or with which punctuation. */
export class WordErrors {
  readonly #kinds = new Map<string, { readonly said: string[]; readonly written: string[] }>();

  add(kind: string, said: string, written: string): void {
    const texts = this.#kinds.get(kind) ?? { said: [], written: [] };
    texts.said.push(normalised(said));
    texts.written.push(normalised(written));
    this.#kinds.set(kind, texts);
  }

  get rates(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#kinds].map(([kind, { said, written }]) => [kind, wordErrorRate(said, written)]),
    );
  }

  inWords(): string {
    return Object.entries(this.rates)
      .map(([kind, rate]) => `${kind} ${(100 * rate).toFixed(1)} %`)
      .join(', ');
  }
}

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** In small letters, without punctuation, each digit a word. */
function normalised(text: string): string {
  const spelled = text.toLowerCase().replaceAll(/\d/g, (digit) => ` ${digits[Number(digit)]} `);
  return (spelled.replaceAll("'", '').match(/\p{L}+/gu) ?? []).join(' ');
}
