import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';

const usage = `npm run digit-strings -- [options]

  --speech <folder>      real recordings named {digit}_{speaker}_{take}.wav, beside the synthesised voices
  --test-speakers <a,b>  who of them is heard in the test only (default: a quarter, at random)
  --steps <n>            steps of training, of 32 strings each (default 1500)
  --strings <n>          strings to train on (default 6000)
  --test <n>             strings to test on, of each kind (default 500)
  --beams <n>            prefixes that the search keeps (default 16)
  --seed <n>             decides all that is random (default 0)
  --directory <d>        where the run, figures and page go (default runs/digit-strings)
  --help                 this text`;

const names = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim()))
  .refine((list) => list.every((name) => name !== ''), 'names with commas between them');

const commandOptions = {
  speech: z.string().min(1).optional(),
  'test-speakers': names.optional(),
  steps: wholeNumber(1).default(1500),
  strings: wholeNumber(32).default(6000),
  test: wholeNumber(10).default(500),
  beams: wholeNumber(2).default(16),
  seed: wholeNumber(0).default(0),
  directory: z.string().min(1).default('runs/digit-strings'),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export interface Options {
  readonly speech: string | undefined;
  readonly testSpeakers: readonly string[] | undefined;
  readonly steps: number;
  readonly strings: number;
  readonly test: number;
  readonly beams: number;
  readonly seed: number;
  readonly directory: string;
}

/**
 * Reads the command line. `undefined` if only help was asked for, which is printed.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { help, 'test-speakers': testSpeakers, ...options } = readCommandLine(args, commandOptions);
  if (!help) return { ...options, testSpeakers };
  console.log(usage);
  return undefined;
}
