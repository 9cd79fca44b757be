import { resolve } from 'node:path';
import { type BackendName, ConfigError, type Model, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import { type Manifest, openManifest, openTable } from '@polymodal/data';
import { type EvaluateOptions, evaluate, evaluateSubsets } from '@polymodal/trainer';
import { counted } from '../command/counted';
import type { Outcome } from '../command/outcome';
import { printable } from '../command/printable';
import { UsageError } from '../command/usage-error';
import type { ConfigFile } from '../config/config-file';
import type { PartName } from '../config/part-names';
import { registryOf } from '../config/registry-of';
import { fetchedAddresses } from '../data/fetched-addresses';
import { learnedFrom } from '../data/learned-from';
import { leavingOut } from '../data/leaving-out';
import { leftOut } from '../data/left-out';
import { bindingOptions, openParts } from '../data/open-parts';
import { requireInput } from '../data/require-input';
import { UnfamiliarValues } from '../data/unfamiliar-values';
import { findModel } from '../model/find-model';
import { requireProject } from '../model/require-project';
import { figuresTable } from '../run/figures-table';
import { guesses } from '../run/guesses';
import { subsetsTable } from '../run/subsets-table';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal evaluate`. */
export interface EvaluateCommandOptions {
  readonly part?: PartName;
  readonly subsets?: boolean;
  readonly common?: boolean;
  readonly backend?: BackendName;
}

/** `polymodal evaluate`: how well the model of a run does, on a part of its data or on another table with the same columns. */
export async function evaluateCommand(
  given: string,
  table: string | undefined,
  options: EvaluateCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  if (table !== undefined && options.part !== undefined) {
    throw new UsageError({
      where: 'evaluate',
      expected: 'a part of the data of the run, or another table',
      received: `both: --part ${options.part} and ${table}`,
      hint: `Leave out one of them. All rows of a table that is named are evaluated.`,
    });
  }
  if (options.common && !options.subsets) {
    throw new UsageError({
      where: '--common',
      expected: '--subsets beside it: on which samples subsets are judged',
      received: 'none',
      hint: 'polymodal evaluate <run> --subsets --common',
    });
  }
  const found = await findModel(surroundings.directory, given);
  const config = requireProject(found);
  const signal = await surroundings.interruption();
  const registry = await registryOf(config, surroundings);
  const { name, samples, train } =
    table === undefined
      ? await partOfRun(config, options.part, surroundings, signal)
      : {
          name: table,
          samples: await openOther(config, table, surroundings, signal),
          train: undefined,
        };
  surroundings.messages.write(`Backend: ${await useBackend(options.backend ?? config.project.backend)}\n`);
  const model = await loadModel(registry, found.folder);
  const { workers, cacheBytes } = config.project.training;
  const shown = { workers, cacheBytes, signal, progress: surroundings.messages };
  const bad = train ? '' : leftOut(samples.faults, samples.length + samples.faults.count);
  if (bad !== '') surroundings.messages.write(`${printable(bad)}\n`);
  return leavingOut(
    {
      model,
      tables: { evaluate: samples },
      called: ({ evaluate: own }) => ({ evaluate: own, evaluateSubsets: own }),
      onError: config.project.data.onError,
      messages: surroundings.messages,
      signal,
    },
    async ({ evaluate: own = samples }) =>
      judged({ name, samples: own, train }, { config, model, options, shown }, surroundings),
  );
}

/** What is judged by which model, and how. */
interface Judging {
  readonly config: ConfigFile;
  readonly model: Model;
  readonly options: EvaluateCommandOptions;
  readonly shown: EvaluateOptions;
}

async function judged(
  { name, samples, train }: { readonly name: string; readonly samples: Manifest; readonly train: Manifest | undefined },
  { config, model, options, shown }: Judging,
  surroundings: Surroundings,
): Promise<Outcome> {
  const known = train ? 0 : await learnedFrom(config, samples);
  const remark =
    known > 0
      ? `\n${known} of ${samples.length} were learned from, and say little: name a new table, or --part test.`
      : '';
  const head = `${name}: ${counted(samples.length, 'sample')}${remark}\n\n`;
  const told = { data: name, samples: samples.length, learnedFrom: known };
  if (!options.subsets) {
    const figures = await evaluate(model, samples, shown);
    const guessed = train && (await guesses(model, train, samples));
    const unfamiliar = await unfamiliarIn(samples, model, surroundings);
    return { text: head + figuresTable(figures, guessed), result: { ...told, unfamiliar, figures, guesses: guessed } };
  }
  const asked = { ...shown, ...(options.common && { common: true }) };
  const subsets = await evaluateSubsets(model, samples, asked).catch((error) => Promise.reject(ofCommon(error)));
  const unfamiliar = await unfamiliarIn(samples, model, surroundings);
  return {
    text: head + subsetsTable(subsets, asked),
    result: { ...told, common: options.common === true, unfamiliar, subsets },
  };
}

/** What a programmer calls `common` is `--common` here. */
function ofCommon(error: unknown): unknown {
  if (!ConfigError.isInstance(error) || error.where !== 'evaluateSubsets.common') return error;
  return error.at('--common');
}

/** Of samples that were evaluated, and so could be read. */
async function unfamiliarIn(samples: Manifest, { processors }: Model, { messages }: Surroundings) {
  const unfamiliar = new UnfamiliarValues(processors);
  if (!unfamiliar.mayOccur) return {};
  for (let index = 0; index < samples.length; index++) unfamiliar.add(await samples.get(index));
  if (unfamiliar.remark !== '') messages.write(`${printable(unfamiliar.remark)}\n`);
  return unfamiliar.counts;
}

async function partOfRun(
  config: ConfigFile,
  asked: PartName | undefined,
  surroundings: Surroundings,
  signal: AbortSignal,
) {
  const { parts } = await openParts(config, surroundings, signal);
  const name = asked ?? (parts.test ? 'test' : parts.validation ? 'validation' : undefined);
  const samples = name && parts[name];
  if (samples) return { name: `part "${name}"`, samples, train: parts.train };
  throw new ConfigError({
    where: config.path,
    expected: name === undefined ? 'a part "test" or "validation" of the data' : `a part "${name}" of the data`,
    received: Object.keys(parts).join(', '),
    hint: 'Name another table: polymodal evaluate <run> test.csv. What it has learned from says little: --part train.',
  });
}

async function openOther(
  config: ConfigFile,
  given: string,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Manifest> {
  const path = resolve(surroundings.directory, given);
  await requireInput(path, 'a table');
  const { id, format, csv, parquet, ...binding } = bindingOptions(config.project);
  const table = await openTable(path, { format, csv, parquet });
  const named = id !== undefined && table.columns.includes(id) ? { id } : {}; // a new table may be without
  return openManifest(table, { ...binding, ...named, ...fetchedAddresses(surroundings, signal), signal });
}
