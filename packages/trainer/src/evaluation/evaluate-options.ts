import { z } from 'zod';
import { cacheBytesSchema } from '../data/cache-budget';
import { workersSchema } from '../data/preparing/start-preparer';
import { type ProgressStream, progressSchema } from '../progress';
import { signalSchema } from '../run/interrupt-signal';

/** How to evaluate. */
export interface EvaluateOptions {
  /** Rows at a time. Default 64. */
  readonly batchSize?: number;
  /**
   * How often rows are drawn anew for the intervals of figures that are no shares, such as an area or an error. Default 200, or
   * none for a head with more than 10,000 answers; 0 for none.
   */
  readonly resamples?: number;
  /**
   * Threads that read and prepare samples ahead while this one computes: the same figures to the bit, however many. Default 0, this thread
   * alone. They import the plugins of the model, as those of `train` do.
   */
  readonly workers?: number;
  /** Bytes of features that may stay in memory. Samples beyond them are prepared twice, once for their shapes, and for every subset. Default 2³⁰. */
  readonly cacheBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Where progress is shown: standard error by default, nowhere for `false`. */
  readonly progress?: boolean | ProgressStream;
}

/** The shape of {@link EvaluateOptions}, for the schemas of functions that take them. */
export const evaluateShape = {
  batchSize: z.int().positive().optional(),
  resamples: z.int().nonnegative().max(100_000).optional(),
  workers: workersSchema.optional(),
  cacheBytes: cacheBytesSchema.optional(),
  signal: signalSchema.optional(),
  progress: progressSchema.optional(),
};
