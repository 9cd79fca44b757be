import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';

const usage = `npm run dialogues -- [options]

  --language-model <folder>  a language model with a chat template: Llama or Qwen2 in Hugging Face layout (required)
  --perception <run>         of npm run scenes, in which encoders have learned to see (default runs/scenes/perception-0)
  --align <n>                steps of 16 descriptions, from which the projector learns (default 100)
  --tune <n>                 steps in which LoRA learns too: half of 16 answers that name, half of 8 dialogues (default 320)
  --questions <n>            held-out questions about pictures (default 200)
  --seed <n>                 decides all that is random (default 0)
  --directory <d>            where the run and results go (default runs/dialogues)
  --help                     this text

How to get the folder: apps/examples/easy-vqa/README.md`;

const folder = z.string().min(1);

const commandOptions = {
  'language-model': folder.optional(),
  perception: folder.default('runs/scenes/perception-0'),
  align: wholeNumber(1).default(100),
  tune: wholeNumber(2).default(320),
  questions: wholeNumber(1).default(200),
  seed: wholeNumber(0).default(0),
  directory: folder.default('runs/dialogues'),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export interface Options {
  readonly languageModel: string;
  readonly perception: string;
  /** Steps in which the projector learns alone. */
  readonly align: number;
  /** Steps in which the language model learns too. */
  readonly tune: number;
  /** How many are asked about pictures that no training has seen. */
  readonly questions: number;
  readonly seed: number;
  readonly directory: string;
}

/**
 * Reads the command line. `undefined` if there is nothing to do: only help was asked for, or no language model named. What is missing is
 * printed then.
 *
 * @throws ConfigError or UnknownNameError
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { help, 'language-model': languageModel, ...rest } = readCommandLine(args, commandOptions);
  if (!help && languageModel !== undefined) return { ...rest, languageModel };
  console.log(usage);
  return undefined;
}
