import type { BackendName } from '@polymodal/core';
import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';

const usage = `npm start -- [options]

  --seeds <n>          train with n seeds and report mean ± sd (default 1)
  --baselines          also train the rivals with the same budget: this model on data some of which contradict
                       themselves, a concat and a mean fusion, and a model for each modality alone, with the product of
                       their calibrated answers
  --speech <folder>    real recordings named {digit}_{speaker}_{take}.wav, in place of synthesised speech
  --test-speakers <a,b>  who of them is heard in the test only (default: a quarter, at random)
  --epochs <n>         passes over the training data (default 9)
  --samples <n>        training samples (default 12000)
  --directory <d>      where runs, results and report go (default runs/digits)
  --backend <name>     node-gpu, onnx, node, webgpu, wasm or cpu (default: the best that is installed)
  --help               this text`;

const names = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim()))
  .refine((list) => list.every((name) => name !== ''), 'names with commas between them');

const commandOptions = {
  seeds: wholeNumber(1).default(1),
  baselines: z.boolean().default(false),
  speech: z.string().optional(),
  'test-speakers': names.optional(),
  epochs: wholeNumber(1).default(9),
  samples: wholeNumber(100).default(12000),
  directory: z.string().default('runs/digits'),
  backend: z.enum(['node-gpu', 'onnx', 'node', 'webgpu', 'wasm', 'cpu']).optional(),
  help: z.boolean().default(false),
};

/** What the example can be asked for. */
export interface Options {
  readonly seeds: number;
  readonly baselines: boolean;
  readonly speech: string | undefined;
  readonly testSpeakers: readonly string[] | undefined;
  readonly epochs: number;
  readonly samples: number;
  readonly directory: string;
  readonly backend: BackendName | undefined;
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
