import { availableParallelism } from 'node:os';
import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';
import type { BudgetName } from './budget';
import { type MethodName, methodNames } from './methods';

const usage = `npm run bench:fusion -- [options]

  --quick            one seed, one learning rate, shorter trainings, and one method of each kind
  --methods <a,b>    of ${methodNames.join(', ')}
                     (default: all, with --quick one of each kind; concat always takes part, since robustness is told against it)
  --workers <n>      trainings at once, each in a process of its own (default: as many as there are cores)
  --directory <d>    where results and report go (default runs/fusion, or runs/fusion-quick)
  --guide <page>     writes the tables into a guide as well, between its marks
  --help             this text`;

/** One of each kind. */
const quickMethods: readonly MethodName[] = [
  'linear',
  'product-of-experts',
  'concat',
  'mean',
  'tensor',
  'masked-transformer',
  'cross-attention',
  'film',
  'early',
];

const commandOptions = {
  quick: z.boolean().default(false),
  methods: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(methodNames)).min(1))
    .optional(),
  workers: wholeNumber(1).optional(),
  directory: z.string().min(1).optional(),
  guide: z.string().min(1).optional(),
  help: z.boolean().default(false),
};

/** What the bench can be asked for. */
export interface Options {
  readonly budget: BudgetName;
  readonly methods: readonly MethodName[];
  readonly workers: number;
  readonly directory: string;
  readonly guide: string | undefined;
}

/**
 * Reads the command line. `undefined` if only help was asked for, which is printed.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const {
    help,
    quick,
    methods = quick ? quickMethods : methodNames,
    workers,
    directory,
    guide,
  } = readCommandLine(args, commandOptions);
  if (!help) {
    return {
      budget: quick ? 'quick' : 'full',
      methods: methodNames.filter((name) => name === 'concat' || methods.includes(name)),
      workers: workers ?? availableParallelism(),
      directory: directory ?? (quick ? 'runs/fusion-quick' : 'runs/fusion'),
      guide,
    };
  }
  console.log(usage);
  return undefined;
}
