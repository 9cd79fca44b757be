import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';
import { type Edition, plainScenes, sortOfClevr } from './scene/edition';
import { type Method, methods } from './scenes-model';

/** What a start compares by default: vectors side by side, and one encoder conditioned by the other. */
const usual = 'concat,mutual-film';

const usage = `npm run scenes -- [options]

  --methods <a,b>    fusions to compare, or all: ${methods.join(', ')} (default ${usual})
  --seeds <n>        trainings of each (default 1)
  --epochs <n>       passes over the training data (default 4)
  --perception <n>   passes over pictures and questions by themselves, before (default 3; 0 for none)
  --scenes <n>       training scenes, with 8 questions each (default 8000)
  --test-scenes <n>  test scenes, with as many each (default 1000)
  --spoken           questions are asked by voice too, in English
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
  methods: z
    .string()
    .default(usual)
    .transform((list) => (list.trim() === 'all' ? methods.join(',') : list))
    .pipe(listOf(methods)),
  seeds: wholeNumber(1).default(1),
  epochs: wholeNumber(1).default(4),
  perception: wholeNumber(0).default(3),
  scenes: wholeNumber(1).default(8000),
  languages: listOf(languageTags).default(['en']),
  'test-scenes': wholeNumber(1).default(1000),
  spoken: z.boolean().default(false),
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
  /** Epochs in which the encoders learn to see and to read by themselves. */
  readonly perception: number;
  readonly scenes: number;
  readonly testScenes: number;
  /** Whether questions are asked by voice too. */
  readonly spoken: boolean;
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
    'test-scenes': testScenes,
    'sort-of-clevr': isClevr,
    ...rest
  } = readCommandLine(args, commandOptions);
  if (!help) return { ...rest, typingErrors, testScenes, edition: isClevr ? sortOfClevr : plainScenes };
  console.log(usage);
  return undefined;
}
