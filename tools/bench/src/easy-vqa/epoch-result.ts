/** What a pass over the questions came to. */
export interface EpochResult {
  readonly seconds: number;
  /** The part of them in which programs were compiled. */
  readonly compileSeconds: number;
  /** Of the first batch, before the first step. */
  readonly firstLoss: number;
}
