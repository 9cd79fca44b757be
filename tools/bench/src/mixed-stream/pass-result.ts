/** What a pass over the stream, or a part of one, came to. */
export interface PassResult {
  readonly samples: number;
  readonly seconds: number;
  /** Of all threads: what a machine that is busy with something else still tells. */
  readonly cpuSeconds: number;
  /** The part of the seconds in which programs were compiled, and how many there were. */
  readonly compileSeconds: number;
  readonly programs: number;
  /** Share of the tokens computed that were padding, or stood for what a sample lacks. */
  readonly padding: number;
  /** Between its gradients and ours for the same samples: the largest, as a share of the largest number of its parameter's gradient. */
  readonly gradientDifference: number;
}
