import { z } from 'zod';
import { parseConfig } from './parse-config';

/** How to predict. */
export interface PredictOptions {
  /** Heads to run, each of which must be able to run on every sample. By default all that can. */
  readonly heads?: readonly string[] | undefined;
  /** Rows at a time. Default 32. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const schema = z.strictObject({
  heads: z.array(z.string()).min(1).optional(),
  batchSize: z.int().min(1).default(32),
  signal: z.custom<AbortSignal>(isSignal, 'an AbortSignal').optional(),
});

/** @throws ConfigError for an option that is unknown or of the wrong kind */
export function parsePredictOptions(options: PredictOptions): z.output<typeof schema> {
  return parseConfig(schema, options, 'predict');
}

/** Of whichever realm: that of a test's simulated browser, say. */
function isSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'throwIfAborted' in value && 'aborted' in value;
}
