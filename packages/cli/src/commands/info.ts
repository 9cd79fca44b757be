import {
  type BackendName,
  costOf,
  describeThrown,
  type Model,
  PolymodalError,
  type Sample,
  useBackend,
} from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import type { Outcome } from '../command/outcome';
import { textTable } from '../command/text-table';
import type { ConfigFile } from '../config/config-file';
import { registryOf } from '../config/registry-of';
import { openParts } from '../data/open-parts';
import { memoryAt, memoryTable } from '../memory/memory-table';
import type { MemoryUse } from '../memory/memory-use';
import { peakMemory } from '../memory/peak-memory';
import { findModel } from '../model/find-model';
import { modelFiles } from '../model/model-files';
import { modelRouting } from '../model/model-routing';
import { requireProject } from '../model/require-project';
import { routingLegend, routingLines } from '../model/routing-lines';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal info`. */
export interface InfoCommandOptions {
  readonly batchSizes?: readonly number[];
  readonly measure?: { readonly use: MemoryUse; readonly batchSize: number };
  readonly backend?: BackendName;
}

/** `polymodal info`: the parts of a model, how large they are, what a sample takes, and the files. */
export async function infoCommand(
  given: string,
  options: InfoCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const found = await findModel(surroundings.directory, given);
  if (options.measure) {
    const peak = await peakMemory(found, { ...options.measure, backend: options.backend }, surroundings);
    return { text: String(peak), result: { peak } };
  }
  const { folder, config } = found;
  if (options.batchSizes) requireProject(found);
  const signal = await surroundings.interruption();
  const registry = await registryOf(config, surroundings);
  await useBackend(options.backend ?? config?.project.backend);
  const model = await loadModel(registry, folder);
  const parts = partsOf(model);
  const files = await modelFiles(folder);
  const data = config
    ? await trainingData(config, surroundings, signal)
    : 'a model by itself has no data to take a sample from.';
  const cost = typeof data === 'string' ? data : await multiplyAddsOf(model, data);
  const routing = await modelRouting(model, typeof data === 'string' ? undefined : data);
  const asked = ['info', given, ...(options.backend ? ['--backend', options.backend] : [])];
  const memory = options.batchSizes && (await memoryAt(asked, options.batchSizes, surroundings, signal));
  const parameters = parts.reduce((sum, { parameters: own }) => sum + own, 0);
  const text = [
    textTable([
      ['part', 'use', 'parameters'],
      ...parts.map(({ path, use, parameters: own }) => [path, use, own]),
      ['all', '', parameters],
    ]),
    '',
    typeof cost === 'number'
      ? `Multiply-adds for the first sample of its data: ${cost.toLocaleString('en')}`
      : `Multiply-adds are not known: ${cost}`,
    '',
    ...(typeof routing === 'string'
      ? [`Which heads answer which samples cannot be told in short: ${routing}`]
      : [routingLines(routing), routingLegend(routing)]),
    '',
    ...(memory
      ? [memoryTable(memory), '']
      : config
        ? [`What memory it takes: polymodal info ${given} --batch-sizes 1,8,32`, '']
        : []),
    textTable([['file', 'bytes'], ...files.map(({ name, bytes }) => [name, bytes])]),
  ].join('\n');
  const result = {
    folder,
    parts,
    parameters,
    multiplyAdds: typeof cost === 'number' ? cost : null,
    routing: typeof routing === 'string' ? null : routing,
    ...(memory && { memory }),
    files,
    config: model.config,
  };
  return { text, result };
}

function partsOf({ config, encoders, fusion, heads }: Model) {
  const sizeOf = (part: Model['fusion'] | Model['heads'][string] | Model['encoders'][string]) =>
    [...part.parameters().values()].reduce((sum, { size }) => sum + size, 0);
  return [
    ...Object.entries(encoders).map(([slot, own]) => ({
      path: `encoders.${slot}`,
      use: config.encoders[slot].use,
      parameters: sizeOf(own),
    })),
    { path: 'fusion', use: config.fusion.use, parameters: sizeOf(fusion) },
    ...Object.entries(heads).map(([name, own]) => ({
      path: `heads.${name}`,
      use: config.heads[name].use,
      parameters: sizeOf(own),
    })),
  ];
}

/** What a run learns from; or why it cannot be read any more. */
async function trainingData(
  config: ConfigFile,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof openParts>>['parts']['train'] | string> {
  return orReason(async () => (await openParts(config, surroundings, signal)).parts.train);
}

/** Of one sample, as its run reads it; or why they are not known. */
function multiplyAddsOf(
  model: Model,
  data: { get(index: number): Sample | Promise<Sample> },
): Promise<number | string> {
  return orReason(async () => (await costOf(model, [await data.get(0)])).multiplyAdds);
}

async function orReason<T>(find: () => Promise<T>): Promise<T | string> {
  try {
    return await find();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    return describeThrown(error);
  }
}
