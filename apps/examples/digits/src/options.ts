import { parseArgs } from 'node:util';
import { ConfigError, parseConfig } from '@polymodal/core';
import { z } from 'zod';

const usage = `npm start -- [options]

  --seeds <n>       train with n seeds and report mean ± sd (default 1)
  --baselines       also train a concat and a mean fusion, with the same budget
  --speech <folder> real recordings named {digit}_{speaker}_{take}.wav, in place of synthesised speech
  --epochs <n>      passes over the training data (default 9)
  --samples <n>     training samples (default 12000)
  --directory <d>   where runs, results and report go (default runs/digits)
  --backend <name>  node-gpu, onnx, node, webgpu, wasm or cpu (default: the best that is installed)
  --help            this text`;

const schema = z.strictObject({
  seeds: z.coerce.number().pipe(z.int().min(1)).default(1),
  baselines: z.boolean().default(false),
  speech: z.string().min(1).optional(),
  epochs: z.coerce.number().pipe(z.int().min(1)).default(9),
  samples: z.coerce.number().pipe(z.int().min(100)).default(12000),
  directory: z.string().min(1).default('runs/digits'),
  backend: z.enum(['node-gpu', 'onnx', 'node', 'webgpu', 'wasm', 'cpu']).optional(),
});

/** What the example can be asked for. */
export type Options = Readonly<z.output<typeof schema>>;

/** Reads the command line. `undefined` if only help was asked for, which is printed. @throws ConfigError */
export function readOptions(args: readonly string[]): Options | undefined {
  const { help, ...values } = parse(args);
  if (help) {
    console.log(usage);
    return undefined;
  }
  return parseConfig(schema, values, 'options');
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        baselines: { type: 'boolean' },
        speech: { type: 'string' },
        epochs: { type: 'string' },
        samples: { type: 'string' },
        directory: { type: 'string' },
        backend: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    const received = args.find((argument) => (cause as Error).message.includes(argument)) ?? args.join(' ');
    throw new ConfigError({
      where: 'options',
      expected: 'only known options',
      received,
      hint: `Usage:\n${usage}`,
      cause,
    });
  }
}
