import { SampleError } from '@polymodal/core';
import type { DocumentPiece } from '../tokenizer';
import type { AddedToken } from './added-tokens';
import type { Range } from './aligned-text';
import type { Encoding } from './post-processors';
import { TextPositions } from './token-offsets';

/** A code point that Unicode keeps for such uses, and that is no character of any text. */
const standIn = '\uFDD0';

/** What stands at places that no token is named for: found before all else, as special tokens are. */
export const standInToken: AddedToken = {
  content: standIn,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: false,
};

/** A document as one text, with a placeholder at each place. */
export class DocumentText {
  readonly text: string;
  /** Whether {@link standInToken} stands at a place. */
  readonly hasStandIns: boolean;
  /** The placeholders, and where they stand, in UTF-16 units. */
  readonly #placeholders: readonly Placeholder[];
  readonly #answers: readonly Range[];

  /** @throws SampleError for a text with what stands at places */
  constructor(pieces: readonly DocumentPiece[]) {
    const placeholders: Placeholder[] = [];
    const answers: Range[] = [];
    const texts: string[] = [];
    let length = 0;
    for (const piece of pieces) {
      const own = 'text' in piece ? piece.text : (piece.placeholder ?? standIn);
      const range = { start: length, end: length + own.length };
      if (!('text' in piece)) placeholders.push({ content: own, ...range });
      else if (piece.isAnswer) answers.push(range);
      texts.push(own);
      length += own.length;
    }
    this.text = texts.join('');
    this.#placeholders = placeholders;
    this.#answers = answers;
    this.hasStandIns = pieces.some((piece) => !('text' in piece) && piece.placeholder === undefined);
    if (this.hasStandIns) requireNone(pieces);
  }

  /**
   * Of each token, which place it stands at; −1 for none.
   *
   * @param idOf the ids of placeholders
   * @throws SampleError for a placeholder that was kept, and that no token was found for
   */
  placesOf({ ids, offsets, isSpecial }: Encoding, idOf: (token: string) => number | undefined): Int32Array {
    const positions = new TextPositions(this.text);
    const places = new Int32Array(ids.length).fill(-1);
    let place = 0;
    let seen: number | undefined; // up to where the text was kept, once something of it was
    for (const [index, [from, to]] of offsets.entries()) {
      if (isSpecial[index]) continue;
      const [start, end] = [positions.unitOf(from), positions.unitOf(to)];
      while (this.#placeholders[place] && this.#placeholders[place]!.end <= start) {
        if (seen !== undefined) throw this.#unfound(place); // else it was cut off with what stood before
        place++;
      }
      seen = Math.max(seen ?? 0, end);
      const next = this.#placeholders[place];
      if (next && ids[index] === idOf(next.content) && start <= next.start && next.end <= end) places[index] = place++;
    }
    const next = this.#placeholders[place];
    if (next && seen !== undefined && next.start < seen) throw this.#unfound(place);
    return places;
  }

  /** 1 for each token of which something stands in an answer, as Python's `return_assistant_tokens_mask`; undefined without answers. */
  answersOf({ offsets, isSpecial }: Encoding): Uint8Array | undefined {
    if (this.#answers.length === 0) return undefined;
    const positions = new TextPositions(this.text);
    return Uint8Array.from(offsets, ([from, to], index) => {
      if (isSpecial[index]) return 0;
      const [start, end] = [positions.unitOf(from), positions.unitOf(to)];
      return this.#answers.some((answer) => start < answer.end && end > answer.start) ? 1 : 0;
    });
  }

  #unfound(place: number): SampleError {
    const { content, start } = this.#placeholders[place]!;
    return new SampleError({
      expected: `a text in which each placeholder ${JSON.stringify(content)} is a token of its own`,
      received: `one that joins with it, behind "…${this.text.slice(Math.max(0, start - 40), start)}"`,
      hint: 'Put a space between them.',
    });
  }
}

interface Placeholder extends Range {
  readonly content: string;
}

function requireNone(pieces: readonly DocumentPiece[]): void {
  if (!pieces.some((piece) => 'text' in piece && piece.text.includes(standIn))) return;
  throw new SampleError({
    expected: 'texts of characters',
    received: 'one with U+FDD0, which is none and stands for what is between texts',
  });
}
