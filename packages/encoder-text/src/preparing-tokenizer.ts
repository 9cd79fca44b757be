import type { DocumentEncodingOptions, DocumentPiece, TokenizedDocument, TokenizedText, Tokenizer } from './tokenizer';

/** A tokenizer that gets each text changed: with a prompt before it, say. */
export class PreparingTokenizer implements Tokenizer {
  /** @param prepare is told whether a text is the beginning of all, or stands behind other parts of a document */
  constructor(
    readonly tokenizer: Tokenizer,
    readonly prepare: (text: string, isBeginning: boolean) => string,
  ) {}

  get vocabSize(): number {
    return this.tokenizer.vocabSize;
  }

  encode(text: string, maxLength: number): TokenizedText {
    return this.tokenizer.encode(this.prepare(text, true), maxLength);
  }

  /** A conversation, which has its template, is not changed. */
  encodeDocument(
    pieces: readonly DocumentPiece[],
    maxLength: number,
    options: DocumentEncodingOptions = {},
  ): TokenizedDocument {
    if (options.addSpecialTokens === false) return this.tokenizer.encodeDocument(pieces, maxLength, options);
    const [first] = pieces;
    const whole = first && 'text' in first ? pieces : [{ text: '' }, ...pieces];
    const prepared = whole.map((piece, index) =>
      'text' in piece ? { text: this.prepare(piece.text, index === 0) } : piece,
    );
    return this.tokenizer.encodeDocument(prepared, maxLength);
  }

  get truncationSide(): NonNullable<Tokenizer['truncationSide']> {
    return this.tokenizer.truncationSide ?? 'right';
  }

  placeholderId(token: string): number {
    return this.tokenizer.placeholderId(token);
  }

  /** What goes on behind a text is not changed. */
  get encodePart(): Tokenizer['encodePart'] {
    return this.tokenizer.encodePart?.bind(this.tokenizer);
  }

  get decode(): Tokenizer['decode'] {
    return this.tokenizer.decode?.bind(this.tokenizer);
  }

  get decodeAll(): Tokenizer['decodeAll'] {
    return this.tokenizer.decodeAll?.bind(this.tokenizer);
  }

  get growing(): Tokenizer['growing'] {
    return this.tokenizer.growing?.bind(this.tokenizer);
  }

  get bytesOf(): Tokenizer['bytesOf'] {
    return this.tokenizer.bytesOf?.bind(this.tokenizer);
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }
}
