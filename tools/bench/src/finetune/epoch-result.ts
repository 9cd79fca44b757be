/** What an epoch came to. */
export interface EpochResult {
  readonly seconds: number;
  /** Of all threads: what a machine that is busy with something else still tells. */
  readonly cpuSeconds: number;
  /** Of the first batch of samples in their order, before anything was learned. */
  readonly firstLoss: number;
  /** Share of the held-out samples that are told right after it. */
  readonly accuracy: number;
}
