import { ConfigError } from '@polymodal/core';
import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';
import { isLooking, type Method, methods, methodsFromScratch } from './methods';

const usage = `npm run easy-vqa -- [options]

  --data <folder>            data of easy-VQA: answers.txt, train, test (default .cache/easy-vqa/easy_vqa/data)
  --language-model <folder>  a language model that looks at the pictures, frozen: Llama or Qwen2 in Hugging Face layout
  --text-tower <folder>      an encoder that reads the questions, frozen: BERT or the like in Hugging Face layout
  --methods <a,b>            what to compare (default: all that there are folders for):
                             ${methods.join(', ')}
  --epochs <n>               passes over the training data, where no language model takes part (default 8)
  --steps <n>                steps of 16 questions, where one does (default 1200)
  --test-questions <n>       how many of the test questions a language model answers (default 1000; 0 for all)
  --seed <n>                 decides all that is random (default 0)
  --directory <d>            where runs and results go (default runs/easy-vqa)
  --help                     this text

How to get the folders: apps/examples/easy-vqa/README.md`;

const folder = z.string().min(1);

const commandOptions = {
  data: folder.default('.cache/easy-vqa/easy_vqa/data'),
  'language-model': folder.optional(),
  'text-tower': folder.optional(),
  methods: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(methods)).min(1))
    .optional(),
  epochs: wholeNumber(1).default(8),
  steps: wholeNumber(1).default(1200),
  'test-questions': wholeNumber(0).default(1000),
  seed: wholeNumber(0).default(0),
  directory: folder.default('runs/easy-vqa'),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export interface Options {
  readonly data: string;
  readonly languageModel: string | undefined;
  readonly textTower: string | undefined;
  readonly methods: readonly Method[];
  /** Where no language model takes part. */
  readonly epochs: number;
  /** Where one does. */
  readonly steps: number;
  /** How many a language model is asked; `undefined` for all. */
  readonly testQuestions: number | undefined;
  readonly seed: number;
  readonly directory: string;
}

/**
 * Reads the command line. `undefined` if only help was asked for, which is printed.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { help, ...given } = readCommandLine(args, commandOptions);
  if (help) {
    console.log(usage);
    return undefined;
  }
  const { data, epochs, steps, seed, directory, 'test-questions': count } = given;
  const { 'language-model': languageModel, 'text-tower': textTower } = given;
  const isPossible = (method: Method) => lackingFolder(method, { languageModel, textTower }) === undefined;
  const chosen = given.methods ?? methods.filter(isPossible);
  for (const method of chosen) requireFolder(method, lackingFolder(method, { languageModel, textTower }));
  return {
    ...{ data, languageModel, textTower, methods: chosen, epochs, steps, seed, directory },
    testQuestions: count === 0 ? undefined : count,
  };
}

/** The option without which a method cannot be had. */
function lackingFolder(method: Method, folders: Pick<Options, 'languageModel' | 'textTower'>): string | undefined {
  if (isLooking(method) && folders.languageModel === undefined) return '--language-model';
  if (method === 'text-tower' && folders.textTower === undefined) return '--text-tower';
  return undefined;
}

function requireFolder(method: Method, option: string | undefined): void {
  if (option === undefined) return;
  throw new ConfigError({
    where: '--methods',
    expected: `methods that there are folders for: without further ones, ${methodsFromScratch.join(', ')}`,
    received: method,
    hint: `Name its folder with ${option}.`,
  });
}
