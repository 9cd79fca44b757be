/** What a piece of work, done several times, took and gave. */
export interface WorkResult {
  readonly ms: number[];
  /** Of all threads: what a machine that is busy with something else still tells. */
  readonly cpuMs: number[];
  /** Of each time: the loss, or the mean of the weighted tokens. */
  readonly values: number[];
  /** The L2 norm of all gradients; 0 where there are none. */
  readonly norms: number[];
}
