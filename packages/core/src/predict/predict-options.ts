import { z } from 'zod';
import { parseConfig } from '../parse-config';
import { isRecord } from '../require-argument';
import type { Sample } from '../sample';

/** What may be asked of each head at a prediction, and the pieces that it answers in, by head. */
export type HeadRequests = Readonly<Record<string, { readonly options: object; readonly piece: unknown }>>;

/** Those of one head. */
export type RequestOf<Requests extends HeadRequests, Name extends string> = Name extends keyof Requests
  ? Requests[Name]
  : HeadRequests[string];

/**
 * How to predict.
 *
 * @typeParam Name the heads that are asked for
 * @typeParam OnError what becomes of samples that cannot be answered
 * @typeParam Requests what may be asked of each head
 */
export interface PredictOptions<
  Name extends string = string,
  OnError extends 'throw' | 'skip' = 'throw' | 'skip',
  Requests extends HeadRequests = HeadRequests,
> {
  /**
   * Heads to run, each of which must be able to run on every sample: their names, or for each what is asked of it, such as
   * `{ caption: { maxNewTokens: 40 } }`. By default all that can run do.
   */
  readonly heads?: readonly Name[] | { readonly [N in Name]: RequestOf<Requests, N>['options'] } | undefined;
  /** Rows at a time. Default 32. */
  readonly batchSize?: number | undefined;
  /**
   * What becomes of a sample that cannot be read or answered: `throw` (the default) ends the whole with its error, `skip` puts the
   * error in the answer's place and goes on.
   */
  readonly onError?: OnError | undefined;
  /**
   * Whether to run compiled where the backend can, which takes a moment at the first sample of each combination of modalities.
   * Default true; false where the weights change before it pays, as between the epochs of a training.
   */
  readonly compile?: boolean | undefined;
  /**
   * By which adapter of the model a sample is answered, by its name, or by none (`false`): samples of one batch may go by different
   * ones. By default all go by those that are in use (`model.useAdapters`). Not for heads that answer step by step.
   */
  readonly adapter?: ((sample: Sample) => string | false) | undefined;
  /** Stops between samples, between batches, and in heads that run a loop. */
  readonly signal?: AbortSignal | undefined;
}

const schema = z.strictObject({
  heads: z.unknown().optional(), // see parseHeadOptions, which knows the heads
  batchSize: z.int().min(1).default(32),
  onError: z.enum(['throw', 'skip']).default('throw'),
  compile: z.boolean().default(true),
  adapter: z
    .custom<(sample: Sample) => string | false>((value) => typeof value === 'function', 'a function')
    .optional(),
  signal: z.custom<AbortSignal>(isSignal, 'an AbortSignal').optional(),
});

/** Options with their defaults. */
export type ParsedPredictOptions = z.output<typeof schema>;

const defaults = schema.parse({});

/** @throws ConfigError for an option that is unknown or of the wrong kind */
export function parsePredictOptions(options: PredictOptions, where: string): ParsedPredictOptions {
  const areNone = isRecord(options) && Object.keys(options).length === 0;
  return areNone ? defaults : parseConfig(schema, options, where);
}

/** Of whichever realm: that of a test's simulated browser, say. */
export function isSignal(value: unknown): boolean {
  const signal = (typeof value === 'object' ? value : undefined) as Partial<AbortSignal> | null | undefined;
  return typeof signal?.throwIfAborted === 'function' && typeof signal.addEventListener === 'function';
}
