import type { GrowingText, TokenCodec } from '@polymodal/core';

/** How many tokens of the prompt are decoded with what follows: a token may depend on those before it for its space. */
const contextLength = 8;

/** The text of tokens that go on behind a prompt, in pieces of whole characters, each at the cost of one token. */
export class ContinuedText implements GrowingText {
  readonly #text: GrowingText;
  /** Characters of the prompt that are still to come. */
  #ofPrompt: number;

  /** @param prompt its ids, of which the last ones count */
  constructor(codec: Pick<TokenCodec, 'decode' | 'growing'>, prompt: ArrayLike<number>) {
    const context = Array.from(prompt).slice(-contextLength);
    this.#text = codec.growing?.() ?? wholeText(codec);
    const certain = context.map((id) => this.#text.add(id)).join('').length;
    const heldBack = String(codec.decode(context)).slice(certain);
    this.#ofPrompt = heldBack.replace(unfinished, '').length;
  }

  add(id: number): string {
    return this.#behindPrompt(this.#text.add(id));
  }

  end(): string {
    return this.#behindPrompt(this.#text.end());
  }

  #behindPrompt(text: string): string {
    const own = text.slice(this.#ofPrompt);
    this.#ofPrompt -= text.length - own.length;
    return own;
  }
}

/** What stands for bytes that are no whole character yet: it belongs to what completes them. */
const unfinished = /\uFFFD+$/;

/** All at the end, where a codec cannot tell what is certain before. */
function wholeText(codec: Pick<TokenCodec, 'decode'>): GrowingText {
  const ids: number[] = [];
  return {
    add(id) {
      ids.push(id);
      return '';
    },
    end: () => String(codec.decode(ids)),
  };
}
