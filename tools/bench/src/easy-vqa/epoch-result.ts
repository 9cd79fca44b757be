/** What a pass over the questions came to. */
export interface EpochResult {
  readonly seconds: number;
  /** Of all threads: what a machine that is busy with something else still tells. */
  readonly cpuSeconds: number;
  /** The part of them in which programs were compiled. */
  readonly compileSeconds: number;
  /** Of the first batch, before the first step. */
  readonly firstLoss: number;
}
