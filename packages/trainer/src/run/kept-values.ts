/** What a stage has kept of values that come again, so as not to compute it anew. */
export interface KeptValues {
  readonly slot: string;
  /** How many of them. */
  readonly values: number;
  readonly bytes: number;
  /** What they may take, together with others that are bounded by the same. */
  readonly most: number;
}
