import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';

const usage = `npm run captions -- [options]

  --epochs <n>        passes over scenes with captions and answers (default 10)
  --perception <n>    passes over pictures and sentences by themselves, before (default 4; 0 for none)
  --scenes <n>        scenes to learn from (default 6000)
  --voices <n>        voices to learn from (default 24); six others speak in the test
  --test <n>          scenes of each group that is measured (default 300)
  --seed <n>          decides all that is random (default 0)
  --easy-vqa <folder> writes about the pictures of easy-VQA too, in English: its data, with answers.txt, train and test
  --directory <d>     where runs and results go (default runs/captions)
  --help              this text`;

const commandOptions = {
  epochs: wholeNumber(1).default(10),
  perception: wholeNumber(0).default(4),
  scenes: wholeNumber(32).default(6000),
  voices: wholeNumber(1).default(24),
  test: wholeNumber(3).default(300),
  seed: wholeNumber(0).default(0),
  'easy-vqa': z.string().min(1).optional(),
  directory: z.string().min(1).default('runs/captions'),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export interface Options {
  readonly epochs: number;
  /** Passes in which the encoders learn to see and to hear by themselves. */
  readonly perception: number;
  readonly scenes: number;
  /** How many of the training; the test has others. */
  readonly voices: number;
  /** Scenes of each group that is measured. */
  readonly test: number;
  readonly seed: number;
  /** The folder of easy-VQA's data. */
  readonly easyVqa: string | undefined;
  readonly directory: string;
}

/**
 * Reads the command line. `undefined` if only help was asked for, which is printed.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { help, 'easy-vqa': easyVqa, ...options } = readCommandLine(args, commandOptions);
  if (!help) return { ...options, easyVqa };
  console.log(usage);
  return undefined;
}
