import { parseConfig } from '@polymodal/core';
import { z } from 'zod';
import type { DownloadOptions } from './download-options';

const someFunction = z.custom<(...values: never[]) => unknown>((value) => typeof value === 'function', 'a function');
const path = z
  .string()
  .min(1)
  .refine((value) => !value.includes('\0'), 'a path without NUL');

/** The longest time that a timer of Node takes. */
const longest = 2 ** 31 - 1;

const schema = z.strictObject({
  revision: z.string().optional(),
  files: z.union([z.array(z.string()).readonly(), someFunction]).optional(),
  endpoint: z.string().optional(),
  token: z.union([z.string(), z.literal(false)]).optional(),
  cacheDirectory: path.optional(),
  offline: z.boolean().optional(),
  signal: z.custom((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
  onProgress: someFunction.optional(),
  timeout: z.number().positive().max(longest).optional(),
  retries: z.int().min(0).optional(),
  retryDelay: z.number().min(0).max(longest).optional(),
  longestWait: z.number().min(0).max(longest).optional(),
  onWait: someFunction.optional(),
  fetch: someFunction.optional(),
});

/** @throws ConfigError for an option that is unknown, or of another type */
export function checkDownloadOptions(options: DownloadOptions): void {
  parseConfig(schema, options, 'download');
}
