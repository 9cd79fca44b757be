import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';
import { type Edition, plainScenes, sortOfClevr } from './scene/edition';
import { type Method, methods } from './scenes-model';

const usage = `npm run scenes -- [options]

  --methods <a,b>    fusions to compare: ${methods.join(', ')} (default: all)
  --seeds <n>        trainings of each (default 1)
  --epochs <n>       passes over the training data (default 6)
  --scenes <n>       training scenes, with 8 questions each (default 8000)
  --languages <a,b>  of the questions: en, de, es, zh (default en)
  --typing-errors    one character in ten is mistyped
  --sort-of-clevr    pictures of 75 × 75 pixels with six objects (Santoro et al. 2017)
  --directory <d>    where runs and results go (default runs/scenes)
  --help             this text`;

const listOf = <const Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(names)).min(1));

const languageTags = ['en', 'de', 'es', 'zh'] as const;

const commandOptions = {
  methods: listOf(methods).default([...methods]),
  seeds: wholeNumber(1).default(1),
  epochs: wholeNumber(1).default(6),
  scenes: wholeNumber(1).default(8000),
  languages: listOf(languageTags).default(['en']),
  'typing-errors': z.boolean().default(false),
  'sort-of-clevr': z.boolean().default(false),
  directory: z.string().min(1).default('runs/scenes'),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export interface Options {
  readonly methods: readonly Method[];
  readonly seeds: number;
  readonly epochs: number;
  readonly scenes: number;
  readonly languages: readonly string[];
  readonly typingErrors: boolean;
  readonly edition: Edition;
  readonly directory: string;
}

/**
 * Reads the command line. `undefined` if only help was asked for, which is printed.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const {
    help,
    'typing-errors': typingErrors,
    'sort-of-clevr': isClevr,
    ...rest
  } = readCommandLine(args, commandOptions);
  if (!help) return { ...rest, typingErrors, edition: isClevr ? sortOfClevr : plainScenes };
  console.log(usage);
  return undefined;
}
