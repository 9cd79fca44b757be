import type { DocumentEncodingOptions, DocumentPiece, TokenizedDocument, TokenizedText, Tokenizer } from './tokenizer';

/** A tokenizer that fills texts up to a length, with a token that takes part like any other. */
export class PaddingTokenizer implements Tokenizer {
  constructor(
    readonly tokenizer: Tokenizer,
    readonly length: number,
    readonly padTokenId: number,
    readonly side: 'left' | 'right' = 'right',
  ) {}

  get vocabSize(): number {
    return this.tokenizer.vocabSize;
  }

  encode(text: string, maxLength: number): TokenizedText {
    const { ids, truncated } = this.tokenizer.encode(text, maxLength);
    return { ids: this.#filled(ids, this.padTokenId), truncated };
  }

  encodeDocument(
    pieces: readonly DocumentPiece[],
    maxLength: number,
    options: DocumentEncodingOptions = {},
  ): TokenizedDocument {
    const { ids, places, truncated, answers } = this.tokenizer.encodeDocument(pieces, maxLength, options);
    return {
      ids: this.#filled(ids, this.padTokenId),
      places: this.#filled(places, -1),
      truncated,
      answers: answers && Uint8Array.from(this.#filled(Int32Array.from(answers), 0)),
    };
  }

  get truncationSide(): NonNullable<Tokenizer['truncationSide']> {
    return this.tokenizer.truncationSide ?? 'right';
  }

  placeholderId(token: string): number {
    return this.tokenizer.placeholderId(token);
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }

  #filled(values: Int32Array, filling: number): Int32Array {
    const length = Math.max(values.length, this.length);
    const filled = new Int32Array(length).fill(filling);
    filled.set(values, this.side === 'left' ? length - values.length : 0);
    return filled;
  }
}
