/** Values as tokens of a vocabulary that go on behind other tokens: texts, or whatever else is written token by token. */
export interface TokenCodec<Raw = unknown> {
  /** Ids lie in [0, vocabSize). */
  readonly vocabSize: number;
  /** Those that end a value; none where that is not known. */
  readonly endIds: readonly number[];
  /** The one that the slot's own processor puts behind each value, if it does: what continues a value stands in its place. */
  readonly closingId?: number | undefined;
  /**
   * The ids of a value, without any that only stand where a sequence begins or ends.
   *
   * @param maxLength how many of them are wanted, the first ones: what is longer need not be read further
   * @throws SampleError for a value that cannot be read
   */
  encode(raw: Raw, maxLength?: number): Int32Array;
  /** The value that some ids stand for, those left out that stand for nothing in it. */
  decode(ids: readonly number[]): Raw;
}
