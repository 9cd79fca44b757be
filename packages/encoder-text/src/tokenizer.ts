/** Text to token ids. */
export interface Tokenizer {
  /** Ids lie in [0, vocabSize). */
  readonly vocabSize: number;
  /** At most `maxLength` ids, special tokens included; of a longer text, its beginning. */
  encode(text: string, maxLength: number): TokenizedText;
  /** Ids to text, special tokens left out, where the tokenizer can. */
  decode?(ids: readonly number[]): string;
  /** Files that make the same tokenizer again, by name. */
  files(): Readonly<Record<string, Uint8Array>>;
}

/** What a {@link Tokenizer} makes of a text. */
export interface TokenizedText {
  readonly ids: Int32Array;
  /** Whether the end of the text was cut off. */
  readonly truncated: boolean;
}
