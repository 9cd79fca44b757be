import type { DynamicAxes } from '../export/dynamic-sizes';

/** Options of `compile`. */
export interface CompileOptions {
  /** Compiled programs that are kept, one for every combination of input shapes; the least recently used go (default 16). */
  readonly maxPrograms?: number;
  /**
   * Numbers of rows to compile for, where rows do not depend on one another: a batch is filled up to the next of them,
   * so that these are all the programs there are for it. A larger batch is compiled as it is. Every input and output
   * must have the batch as its first axis.
   */
  readonly batchSizes?: readonly number[];
  /**
   * Names of the axes whose size may vary, by input and axis, as `exportOnnx` takes them: `{ tokens: { 1: 'sequence' } }`. One
   * program serves all sizes of these, and holds the weights once; a program for each size is a little faster. The function
   * is traced at some sizes, and must be the same at all but for numbers that grow with them.
   */
  readonly dynamicAxes?: DynamicAxes;
  /** For a named size, three that the function takes, to trace it at. By default some near those of the first call. */
  readonly traceSizes?: Readonly<Record<string, readonly [number, number, number]>>;
  /**
   * Inputs that the call disposes, and for each the output that follows it: state that a loop hands on, such as a cache. Where
   * that output is its input with some slices replaced (`tf.tensorScatterUpdate`), they are written into the memory of the
   * input, which costs the slices alone.
   */
  readonly donate?: Readonly<Record<string, string>>;
  /**
   * How products with weights are computed: exactly (the default), or with weights, and what they are multiplied with, rounded to integers
   * of 8 bits, which is several times as fast where the processor has instructions for it, and off by about a hundredth.
   */
  readonly precision?: 'float32' | 'int8';
  /**
   * Whether calls of other compiled functions come between those of this one, as where a loop goes through several (default false). Threads
   * stop at the end of a call then. Else they spin for some milliseconds in wait for the next, which is quicker where that is of
   * the same function, and takes the cores from another.
   */
  readonly takesTurns?: boolean;
}
