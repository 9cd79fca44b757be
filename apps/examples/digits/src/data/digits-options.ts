import { fileURLToPath } from 'node:url';
import { ConfigError, parseConfig } from '@polymodal/core';
import type { Split } from '@polymodal/example-material';
import { z } from 'zod';
import { type Degradation, degradation, degradationSchema } from './degradation';

/** What {@link prepareDigits} can be asked for; everything has a default. */
export interface DigitsOptions {
  /** Decides everything that is drawn. Default 0. */
  readonly seed?: number;
  /** How many samples each split has. Default 6000, 500 and 1500. */
  readonly sizes?: Readonly<Record<Split, number>>;
  /** By how many voices each split is spoken. Default 88, 16 and 36; of no effect on recorded speech. */
  readonly voices?: Readonly<Record<Split, number>>;
  /** How hard the data are. Default {@link degradation}. */
  readonly degradation?: Degradation;
  /** Folder of recordings named `{digit}_{speaker}_{take}.wav`, in place of the synthesiser. */
  readonly speech?: string;
  /** Speakers of the recordings who are heard in the test only. By default a quarter of them, at random. */
  readonly testSpeakers?: readonly string[];
  /** Folder that keeps the finished data. Default `.cache/digits` at the root of the repository. */
  readonly cache?: string;
  /** Whether a progress bar shows on stderr. Default true. */
  readonly progress?: boolean;
  /** Stops the preparation; nothing half-written is left. */
  readonly signal?: AbortSignal;
}

/** Options with every default filled in. */
export type DigitsSettings = Required<Omit<DigitsOptions, 'speech' | 'testSpeakers' | 'signal'>> & {
  readonly speech: string | undefined;
  readonly testSpeakers: readonly string[] | undefined;
  readonly signal: AbortSignal | undefined;
};

const size = z.number().int().min(10); // one sample of each digit
const count = z.number().int().min(1);

const settingsSchema = z.strictObject({
  seed: z.number().int().default(0),
  sizes: z
    .strictObject({ train: size, validation: size, test: size })
    .default({ train: 6000, validation: 500, test: 1500 }),
  voices: z
    .strictObject({ train: count, validation: count, test: count })
    .default({ train: 88, validation: 16, test: 36 }),
  degradation: degradationSchema.default(degradation),
  speech: z.string().optional(),
  testSpeakers: z.array(z.string().min(1)).min(1).readonly().optional(),
  cache: z.string().default(fileURLToPath(new URL('../../../../../.cache/digits', import.meta.url))),
  progress: z.boolean().default(true),
  signal: z.instanceof(AbortSignal).optional(),
});

/** Checks options and fills in defaults. @throws ConfigError naming the first offending field */
export function parseOptions(options: DigitsOptions): DigitsSettings {
  const { speech, testSpeakers, signal, ...settings } = parseConfig(settingsSchema, options, 'digits');
  if (testSpeakers && speech === undefined) {
    throw new ConfigError({
      where: '--test-speakers',
      expected: 'a folder of recordings beside it, --speech <folder>',
      received: `only ${testSpeakers.join(', ')}`,
      hint: 'The speakers of synthesised speech are drawn by the seed.',
    });
  }
  return { ...settings, speech, testSpeakers, signal };
}
