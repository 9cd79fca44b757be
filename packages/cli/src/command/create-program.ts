import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { completionCommand, type Shell, shells } from '../commands/completion';
import type { EvaluateCommandOptions } from '../commands/evaluate';
import type { ExportCommandOptions } from '../commands/export';
import type { HubDownloadOptions } from '../commands/hub';
import type { HubConvertOptions } from '../commands/hub-convert';
import type { HubVerifyOptions } from '../commands/hub-verify';
import type { InfoCommandOptions } from '../commands/info';
import type { InitOptions } from '../commands/init';
import type { InspectCommandOptions } from '../commands/inspect';
import type { PredictCommandOptions } from '../commands/predict';
import type { SchemaCommandOptions } from '../commands/schema';
import type { TrainCommandOptions } from '../commands/train';
import type { WatchCommandOptions } from '../commands/watch';
import { backendNames } from '../config/backend-names';
import { partNames } from '../config/part-names';
import { dtypeNames, layouts } from '../hub/model-forms';
import { type MemoryUse, memoryUses } from '../memory/memory-use';
import type { Surroundings } from '../surroundings';
import { commands } from './commands';
import type { Outcome } from './outcome';
import { printable } from './printable';
import { version } from './version';

/** The command line of `polymodal`, and what is done with what it says. */
export function createProgram(surroundings: Surroundings, tell: (outcome: Outcome) => void): Command {
  const program = new Command('polymodal')
    .description('From a table of files to a trained model, its figures and predictions.')
    .usage('<command> [options]')
    .option('--json', 'print what came of it as JSON, for programs')
    .option('--verbose', 'with an error, say where in the code it came up')
    .addOption(
      new Option('--backend <name>', 'what computes (default: the best that is installed)').choices(backendNames),
    )
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void surroundings.output.write(printable(text)),
      writeErr: (text) => void surroundings.messages.write(printable(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .addHelpText('after', beginning);
  const globals = () => program.opts<{ backend?: (typeof backendNames)[number] }>();

  program
    .command('init')
    .description('Write a config for a table, with the reasons for what it proposes.')
    .argument('<manifest>', 'a table (.csv, .tsv, .jsonl, .parquet, .tar), or a folder of files')
    .option('-o, --out <file>', 'the new file, .yaml or .json (default: polymodal.yaml)')
    .option('--target <column>', 'the column that is to be learned (default: the one that looks like it)')
    .option('--encoding <name>', 'of a CSV file that is not UTF-8: windows-1252')
    .addHelpText('after', example('polymodal init products.csv --target price'))
    .action(async (manifest: string, options: InitOptions) =>
      tell(await commands.init(manifest, options, surroundings)),
    );

  program
    .command('inspect')
    .description('Say what is in a table: modalities, classes, lengths, what is there twice or cannot be read.')
    .argument('[manifest]', 'a table, or a config (default: polymodal.yaml)')
    .option('--page <file>', 'a new file, .html, with sample pictures, spectrograms and texts')
    .addHelpText('after', example('polymodal inspect products.csv --page products.html'))
    .action(async (manifest: string | undefined, options: InspectCommandOptions) =>
      tell(await commands.inspect(manifest, options, surroundings)),
    );

  const settable = (command: Command) =>
    command
      .argument('[config]', 'a config, or a folder with polymodal.yaml (default: this one)')
      .option('--set <option=value>', 'an option in place of the one in the config; may be repeated', collect)
      .showHelpAfterError('Options of the config are set by --set: --set training.epochs=3. See --help.');
  settable(program.command('train').description('Train the model of a config, or go on where a run of it ended.'))
    .option('--dry-run', 'only say what it would be: parameters, multiply-adds, memory, the first batch')
    .addHelpText('after', example('polymodal train --set training.epochs=5 --set directory=runs/short'))
    .action(async (config: string | undefined, options: TrainCommandOptions) =>
      tell(await commands.train(config, { ...options, ...globals() }, surroundings)),
    );
  settable(program.command('resume').description('Go on with a run that was interrupted.'))
    .addHelpText('after', example('polymodal resume runs/products'))
    .action(async (config: string | undefined, options: TrainCommandOptions) =>
      tell(await commands.resume(config, { ...options, ...globals() }, surroundings)),
    );

  program
    .command('watch')
    .description(
      'Show a page, on this machine alone, that follows a run, or all runs in a folder. Ctrl-C ends it, not the run.',
    )
    .argument('<run>', 'the folder of a run, or of runs')
    .option('--port <number>', 'of 127.0.0.1 (default: 6116, or another where that is taken)', port)
    .addHelpText('after', example('polymodal watch runs/products'))
    .action(async (run: string, options: WatchCommandOptions) =>
      tell(await commands.watch(run, options, surroundings)),
    );

  program
    .command('evaluate')
    .description('Say how well a trained model does, on a part of its data or on another table.')
    .argument('<run>', 'the folder of a run')
    .argument('[manifest]', 'a table with the columns that the run knows (default: the part "test")')
    .addOption(new Option('--part <name>', 'another part of its data').choices(partNames))
    .option('--subsets', 'on every subset of the modalities, each on the samples that have all of it')
    .option('--common', 'with --subsets: all of them on the same samples, those that have every modality')
    .addHelpText('after', example('polymodal evaluate runs/products --subsets'))
    .action(async (run: string, manifest: string | undefined, options: EvaluateCommandOptions) =>
      tell(await commands.evaluate(run, manifest, { ...options, ...globals() }, surroundings)),
    );

  program
    .command('predict')
    .description('Ask a trained model about files, folders of files, tables or values. Prints a line of JSON for each.')
    .argument('<model>', 'the folder of a run, or of a model')
    .argument('[inputs...]', 'pictures, sounds, texts (.txt), folders of such, tables (.csv …)')
    .option(
      '--value <slot=value>',
      'a value of one sample; may be repeated: --value photo=a.png --value row.weight=12',
      collect,
    )
    .option('--slot <name>', 'the slot that files are for, where there are several')
    .option('--heads <names>', 'only these heads, with commas between', names)
    .option('-o, --out <file>', 'a new file, .jsonl, .csv or .parquet')
    .addHelpText('after', example('polymodal predict runs/products new.csv --out prices.csv'))
    .action(async (model: string, inputs: string[], options: PredictCommandOptions) =>
      tell(await commands.predict(model, inputs, { ...options, ...globals() }, surroundings)),
    );

  program
    .command('export')
    .description('Write a trained model as ONNX, for other programs.')
    .argument('<model>', 'the folder of a run, or of a model')
    .option(
      '-o, --out <file>',
      'the new file, and one that ends with .json beside it (default: that of the run, products.onnx)',
    )
    .option('--slots <names>', 'the slots that samples will have, with commas between (default: all)', names)
    .option('--heads <names>', 'only these heads, with commas between', names)
    .option('--value <slot=value>', 'a value of an example, of a model without a run; may be repeated', collect)
    .option('--external-weights', 'weights in a file of their own beside it, as they are beyond 2 GB anyway')
    .addHelpText('after', example('polymodal export runs/products --slots photo,title --out products.onnx'))
    .action(async (model: string, options: ExportCommandOptions) =>
      tell(await commands.export(model, options, surroundings)),
    );

  program
    .command('info')
    .description('Say what a model consists of: parts, parameters, multiply-adds, files; and what memory it takes.')
    .argument('<model>', 'the folder of a run, or of a model')
    .option(
      '--batch-sizes <numbers>',
      'of a run: what memory it takes to answer, and to learn, so many samples at a time; some seconds for each',
      sizes,
    )
    .addOption(new Option('--measure <use:size>').argParser(measured).hideHelp()) // what a process finds out for another
    .addHelpText(
      'after',
      `${example('polymodal info runs/products')}\n  polymodal info runs/products --batch-sizes 1,8,32`,
    )
    .action(async (model: string, options: InfoCommandOptions) =>
      tell(await commands.info(model, { ...options, ...globals() }, surroundings)),
    );

  const hub = program.command('hub').description('Models of the Hugging Face Hub.');
  hub
    .command('verify')
    .description('Hold the files of a model in the cache against their checksums; nobody is asked.')
    .argument('<repository>', 'its name: owner/model')
    .option('--revision <name>', 'a branch, tag or commit (default: main)')
    .addHelpText('after', example('polymodal hub verify google-bert/bert-base-uncased'))
    .action(async (repository: string, options: HubVerifyOptions) =>
      tell(await commands.hubVerify(repository, options, surroundings)),
    );
  hub
    .command('download')
    .description('Fetch the files of a model into the cache that Python uses too; each is held against its checksum.')
    .argument('<repository>', 'its name: owner/model')
    .option('--revision <name>', 'a branch, tag or commit (default: main)')
    .option('--files <names>', 'only these, with commas between; * stands for any text (default: all)', names)
    .option('--offline', 'only look into the cache')
    .addHelpText(
      'after',
      example('polymodal hub download google-bert/bert-base-uncased --files "*.json,*.safetensors"'),
    )
    .action(async (repository: string, options: HubDownloadOptions) =>
      tell(await commands.hubDownload(repository, options, surroundings)),
    );

  hub
    .command('convert')
    .description(
      'Make a model of the Hugging Face Hub one that the other commands take, or one of these a folder for from_pretrained of Python.',
    )
    .argument('<model>', 'a folder as Python has it, a repository (owner/model), or the folder of a run or of a model')
    .requiredOption('-o, --out <folder>', 'the new folder')
    .addOption(new Option('--to <layout>', 'the new layout (default: the other one)').choices(layouts))
    .addOption(
      new Option('--dtype <name>', 'for Python: how numbers are stored (default: float32)').choices(dtypeNames),
    )
    .option('--shard-size <size>', 'the most that a file of weights has, as 2GB (default: 5GB)')
    .option('--slot <name>', 'of a model of several parts, the pretrained encoder that goes back to Python')
    .option('--revision <name>', 'of a repository: a branch, tag or commit (default: main)')
    .option('--offline', 'of a repository: only look into the cache')
    .addHelpText(
      'after',
      `${example('polymodal hub convert openai/clip-vit-base-patch32 --out models/clip')}\n  polymodal hub convert runs/pets --out models/pets-clip --dtype float16`,
    )
    .action(async (model: string, options: HubConvertOptions) =>
      tell(await commands.hubConvert(model, { ...options, ...globals() }, surroundings)),
    );

  program
    .command('schema')
    .description(
      'Print the JSON Schema of configs, with all parts that are installed: editors complete and check by it.',
    )
    .option('-o, --out <file>', 'a new file')
    .addHelpText('after', example('polymodal schema --out polymodal.schema.json'))
    .action(async (options: SchemaCommandOptions) => tell(await commands.schema(options, surroundings)));

  program
    .command('doctor')
    .description('Say what there is to compute with, and what of Polymodal is installed.')
    .addHelpText('after', example('polymodal doctor'))
    .action(async () => tell(await commands.doctor(surroundings)));

  program
    .command('completion')
    .description('Print a script by which a shell completes commands, options and files.')
    .addArgument(new Argument('<shell>', 'for which').choices(shells))
    .addHelpText('after', `${example('eval "$(polymodal completion bash)"')}\n  polymodal completion fish | source`)
    .action((shell: Shell) => tell(completionCommand(shell, program)));

  return program;
}

const beginning = `
From a table to answers:
  polymodal init products.csv        writes polymodal.yaml
  polymodal train                    writes runs/products
  polymodal evaluate runs/products
  polymodal predict runs/products new.csv`;

function example(line: string): string {
  return `\nExample:\n  ${line}`;
}

function port(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('Expected a number up to 65535.');
  return number;
}

/** More are hardly asked for, and each takes some seconds. */
const mostSizes = 16;

function sizes(value: string): readonly number[] {
  const list = names(value).map(Number);
  if (list.some((own) => !Number.isInteger(own) || own < 1 || own > 100_000) || list.length > mostSizes)
    throw new InvalidArgumentError(`Expected up to ${mostSizes} numbers from 1 on, with commas between.`);
  return list;
}

function measured(value: string): { readonly use: MemoryUse; readonly batchSize: number } {
  const [use, size] = value.split(':');
  if (!(memoryUses as readonly string[]).includes(use)) throw new InvalidArgumentError('Expected a use of memory.');
  return { use: use as MemoryUse, batchSize: sizes(size ?? '')[0] };
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function names(value: string): readonly string[] {
  const list = value.split(',').map((name) => name.trim());
  if (list.includes('')) throw new InvalidArgumentError('Expected names with commas between.');
  return list;
}
