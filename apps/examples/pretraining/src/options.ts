import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';

const usage = `npm run pretraining -- [options]

  --seeds <n>        pre-trainings, with fine-tunings of each (default 3)
  --steps <n>        of each of the two stages of pre-training (default 500)
  --tuning <n>       steps of each fine-tuning (default 300)
  --digits <n>       digits to learn from (default 6000, at most 12000)
  --scenes <n>       scenes with captions (default 6000)
  --test <n>         digits to measure with (default 1500, at most 1500)
  --directory <d>    where runs and results go (default runs/pretraining)
  --help             this text`;

const commandOptions = {
  seeds: wholeNumber(1).default(3),
  steps: wholeNumber(1).default(500),
  tuning: wholeNumber(1).default(300),
  digits: wholeNumber(100).pipe(z.number().max(12_000)).default(6000),
  scenes: wholeNumber(1).default(6000),
  test: wholeNumber(10).pipe(z.number().max(1500)).default(1500),
  directory: z.string().min(1).default('runs/pretraining'),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export type Options = Omit<{ [Name in keyof typeof commandOptions]: z.output<(typeof commandOptions)[Name]> }, 'help'>;

/**
 * Reads the command line. `undefined` if only help was asked for, which is printed.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { help, ...options } = readCommandLine(args, commandOptions);
  if (!help) return options;
  console.log(usage);
  return undefined;
}

/** How many labels fine-tunings have: 100, 1,000 and all. */
export function labelCounts({ digits }: Pick<Options, 'digits'>): number[] {
  return [...new Set([100, 1000, digits].filter((count) => count <= digits))];
}
