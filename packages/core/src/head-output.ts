/** What a head made in a pass. */
export interface HeadOutput {
  /** Positions in the batch of the rows that the head ran on. */
  readonly rows: readonly number[];
  readonly output: unknown;
}
