import type { DocumentEncodingOptions, DocumentPiece, TokenizedDocument, Tokenizer } from './tokenizer';

/** A part of a {@link WrittenDocument}. */
export interface WrittenPart {
  readonly pieces: readonly DocumentPiece[];
  /** The number of the place among those of the document; none where the part is a text. */
  readonly place?: number;
}

/** A document as its texts: at a place one placeholder or several, with what is written around them. */
export class WrittenDocument {
  constructor(
    readonly parts: readonly WrittenPart[],
    readonly tokenizer: Tokenizer,
    readonly options: DocumentEncodingOptions = {},
  ) {}

  /** The numbers of its places. */
  get places(): number[] {
    return this.parts.flatMap(({ place }) => place ?? []);
  }

  /** Its tokens; `places` are numbers of places, each as often as it has placeholders. */
  encode(maxLength: number): TokenizedDocument {
    const owners = this.parts.flatMap(({ pieces, place }) =>
      pieces.flatMap((piece) => ('text' in piece ? [] : place!)),
    );
    const { places, ...text } = this.tokenizer.encodeDocument(
      this.parts.flatMap(({ pieces }) => pieces),
      maxLength,
      this.options,
    );
    return { ...text, places: places.map((placeholder) => (placeholder < 0 ? -1 : owners[placeholder])) };
  }

  /**
   * What there is room for of a document that is too long: all of it that stands before the first place which would lose something of
   * what is written there, or behind the last one, where the beginning is cut off. Texts are left as they are.
   *
   * @param encoded it, cut off where its tokens end
   */
  fitting(maxLength: number, encoded: TokenizedDocument): WrittenDocument {
    const { parts, tokenizer, options } = this;
    const cutsBeginning = tokenizer.truncationSide === 'left';
    const at = [...parts.keys()].filter((index) => parts[index].place !== undefined);
    const standing = new Set(encoded.places.filter((place) => place >= 0)).size;
    for (let kept = standing; kept > 0; kept--) {
      const first = at.length - kept;
      const [through, all] = cutsBeginning
        ? [parts.slice(at[first]), parts.slice(first === 0 ? 0 : at[first - 1] + 1)]
        : [parts.slice(0, at[kept - 1] + 1), parts.slice(0, at[kept] ?? parts.length)];
      if (!new WrittenDocument(through, tokenizer, options).encode(maxLength).truncated)
        return new WrittenDocument(all, tokenizer, options);
    }
    const none = cutsBeginning ? parts.slice((at.at(-1) ?? -1) + 1) : parts.slice(0, at[0] ?? parts.length);
    return new WrittenDocument(none, tokenizer, options);
  }
}
