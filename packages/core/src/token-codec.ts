/** Values as tokens of a vocabulary that go on behind other tokens: texts, or whatever else is written token by token. */
export interface TokenCodec<Raw = unknown> {
  /** Ids lie in [0, vocabSize). */
  readonly vocabSize: number;
  /** Those that end a value; none where that is not known. */
  readonly endIds: readonly number[];
  /** The one that the slot's own processor puts behind each value, if it does: what continues a value stands in its place. */
  readonly closingId?: number | undefined;
  /** The one that stands for what is hidden, where there is such. */
  readonly maskId?: number | undefined;
  /** Those that are no part of a value: of its beginning, its end, and such. They are never hidden. */
  readonly specialIds?: readonly number[];
  /** Those that stand for values of other slots in documents, where tokens are named for that. */
  readonly placeholderIds?: readonly number[];
  /** Which word each of some ids that follow one another belongs to, from 0, and −1 of those that belong to none, where that can be told. */
  wordsOf?(ids: ArrayLike<number>): Int32Array;
  /**
   * The ids of a value, without any that only stand where a sequence begins or ends.
   *
   * @param maxLength how many of them are wanted, the first ones: what is longer need not be read further
   * @throws SampleError for a value that cannot be read
   */
  encode(raw: Raw, maxLength?: number): Int32Array;
  /** The value that some ids stand for, those left out that stand for nothing in it. */
  decode(ids: readonly number[]): Raw;
  /** Of values that are texts: the same with those that stand for nothing in them as they are written, `<|im_end|>` say. */
  decodeAll?(ids: readonly number[]): string;
  /**
   * Of values that are texts: what {@link decode} gives of ids that come one by one. Without this a text that is written is told as a whole, at
   * its end.
   */
  growing?(): GrowingText;
  /**
   * The bytes of UTF-8 that a token adds to a text behind others, none of one that stands for nothing. What is written can be constrained where
   * that is known of each; undefined where it depends on the others.
   */
  bytesOf?(id: number): Uint8Array | undefined;
}

/** A text that grows by a token at a time, each at the same cost. The pieces one after the other are the text. */
export interface GrowingText {
  /** @returns what is certain now and was not before: whole characters, often none */
  add(id: number): string;
  /** @returns what was held back, for what follows might have changed it */
  end(): string;
}
