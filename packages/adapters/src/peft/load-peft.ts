import { join } from 'node:path';
import {
  adaptersOf,
  addAdapters,
  ConfigError,
  FileFormatError,
  type Model,
  type Parameter,
  type Registry,
  suggestNames,
  type UncheckedSlot,
} from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { type KeyMap, openCheckpoint, pretrainedPart } from '@polymodal/hub';
import { Embedding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type AdaptedMap, mapsOf, outputSizeOf } from '../adapted-maps';
import { Ia3Adapter } from '../ia3-adapter';
import { LoraAdapter } from '../lora-adapter';
import { checkTargets, checkTensors, type FoundModule, fits } from './check-tensors';
import { ofModule, type PeftConfig, parsePeftConfig } from './peft-config';
import { configName, tensorsName } from './peft-folder';
import { type PeftModule, peftModules } from './peft-modules';
import { embeddingNames, ia3Name, magnitudeName, mapNames, type PeftTensor, peftPrefix } from './peft-tensors';

/** How adapters are put on. */
export interface LoadPeftOptions {
  /** What they are called, where there are to be several. */
  readonly name?: string;
  /** Whether the other parameters of the encoder stay as they are. Default true. */
  readonly freeze?: boolean;
}

const longestConfig = 1_000_000;
const ends = [...Object.values(mapNames), ...Object.values(embeddingNames), magnitudeName, ia3Name];

/**
 * Puts adapters on a pretrained encoder that Python's PEFT saved, or `savePeft`: LoRA, also rsLoRA and DoRA, and (IA)³.
 *
 * ```ts
 * await loadPeft(registry, model, 'review', 'adapters/tone');
 * ```
 *
 * @param registry with the plugin of this package
 * @throws ConfigError for an option of adapter_config.json that is unknown or not supported, by its name, and for adapters of another model
 * @throws FileFormatError for a folder that is malformed, StorageError for one that cannot be read
 */
export async function loadPeft(
  registry: Registry,
  model: Model,
  slot: string,
  directory: string,
  { name, freeze = true }: LoadPeftOptions = {},
): Promise<void> {
  const { model: encoder, family, config: ofModel } = pretrainedPart(model, slot);
  const config = await readConfig(join(directory, configName));
  const keys = family.keys(ofModel);
  const modules = new Map(peftModules(encoder, keys).map((own) => [own.theirs, own]));
  const prefixes = [...(keys.prefixes ?? []), ...Object.values(family.within ?? {}).flatMap(({ prefix }) => prefix)];
  const found = await readModules(join(directory, tensorsName), modules, prefixes);
  const maps = mapsOf(encoder);
  checkTargets(config, found, [...modules.values()]);
  for (const own of found) checkTensors(config, own, maps);
  const entries = entriesOf(config, found, maps).map((entry) => ({
    ...entry,
    ...(name !== undefined && { name }),
    freeze,
    targets: entry.targets.map((path) => `encoders.${slot}.${path}`),
    ...(entry.feedForward && { feedForward: entry.feedForward.map((path) => `encoders.${slot}.${path}`) }),
  }));
  addAdapters(registry, model, entries as readonly UncheckedSlot[]);
  const put = new Map([...adaptersOf(encoder)].filter(([, own]) => own.name === name));
  const adapterOf = (path: string) => put.get(name === undefined ? `${path}.adapter` : `${path}.adapter.${name}`);
  for (const { module, tensors } of found) assignParts(module, tensors, maps, adapterOf);
}

async function readConfig(path: string): Promise<PeftConfig> {
  const text = new TextDecoder().decode(await readRegularFile(path, { maxBytes: longestConfig }));
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new FileFormatError({ where: path, expected: 'JSON', received: `${(cause as Error).message}` });
  }
  return parsePeftConfig(content, path);
}

async function readModules(
  path: string,
  modules: ReadonlyMap<string, PeftModule>,
  prefixes: NonNullable<KeyMap['prefixes']>,
): Promise<FoundModule[]> {
  const checkpoint = await openCheckpoint(path);
  try {
    const found = new Map<string, Record<string, PeftTensor>>();
    for (const name of checkpoint.names) {
      const end = ends.find((own) => name.endsWith(`.${own}`));
      const whole = name.startsWith(peftPrefix) && end ? name.slice(peftPrefix.length, -end.length - 1) : undefined;
      const candidates = whole === undefined ? [] : [whole, ...prefixes.flatMap((own) => without(whole, own))];
      const theirs = candidates.find((own) => modules.has(own));
      if (!end || theirs === undefined) throw unknownTensor(path, name, whole, [...modules.keys()]);
      const { data, shape } = await checkpoint.read(name);
      found.set(theirs, { ...found.get(theirs), [end]: { shape, data: Float32Array.from(data) } });
    }
    return [...found].map(([theirs, tensors]) => ({ module: modules.get(theirs)!, tensors }));
  } finally {
    await checkpoint.close();
  }
}

function without(name: string, prefix: string): string[] {
  return name.startsWith(prefix) ? [name.slice(prefix.length)] : [];
}

interface Entry {
  readonly use: 'lora' | 'ia3';
  readonly targets: readonly string[];
  readonly feedForward?: readonly string[];
}

/** What the config of a model says of such adapters: an entry for each rank and α. */
function entriesOf(
  config: PeftConfig,
  found: readonly FoundModule[],
  maps: ReadonlyMap<string, AdaptedMap>,
): readonly Entry[] {
  if (config.peft_type === 'IA3') {
    const inner = found.filter(({ module }) => fits(config.feedforward_modules ?? [], module.theirs));
    const pathsOf = (of: readonly FoundModule[]) => of.flatMap(({ module }) => module.ours);
    return [{ use: 'ia3', targets: pathsOf(found), feedForward: pathsOf(inner) }];
  }
  const groups = new Map<string, { rank: number; alpha: number; targets: string[] }>();
  for (const { module, tensors } of found) {
    const names = maps.get(module.ours[0]) instanceof Embedding ? embeddingNames : mapNames;
    const [rank] = tensors[names.a].shape;
    const alpha = ofModule(module.theirs, config.alpha_pattern, config.lora_alpha);
    const key = `${rank} ${alpha}`;
    groups.set(key, { rank, alpha, targets: [...(groups.get(key)?.targets ?? []), ...module.ours] });
  }
  const { lora_dropout: dropout, use_rslora: rslora, use_dora: dora } = config;
  return [...groups.values()].map((group) => ({ use: 'lora', ...group, dropout, rslora, dora }));
}

/** Gives each of our maps its part of a module's tensors. */
function assignParts(
  module: PeftModule,
  tensors: Readonly<Record<string, PeftTensor>>,
  maps: ReadonlyMap<string, AdaptedMap>,
  adapterOf: (path: string) => unknown,
): void {
  const outputs = module.ours.reduce((sum, path) => sum + outputSizeOf(maps.get(path)!), 0);
  let row = 0;
  for (const path of module.ours) {
    const map = maps.get(path)!;
    const [begin, end] = [row, row + outputSizeOf(map)];
    row = end;
    const assign = (parameter: Parameter, { data }: PeftTensor, byOutputs: boolean) => {
      const width = data.length / outputs;
      parameter.assignValues(byOutputs ? data.slice(begin * width, end * width) : data);
    };
    const adapter = adapterOf(path);
    if (adapter instanceof LoraAdapter) {
      assign(adapter.loraA, tensors[mapNames.a] ?? tensors[embeddingNames.a], false);
      assign(adapter.loraB, tensors[mapNames.b] ?? tensors[embeddingNames.b], true);
      const { magnitudeChange } = adapter;
      if (!magnitudeChange) continue;
      assign(magnitudeChange, tensors[magnitudeName], true);
      tf.tidy(() => magnitudeChange.assign(tf.sub(magnitudeChange.value, LoraAdapter.rowNorms(map))));
    } else if (adapter instanceof Ia3Adapter) {
      assign(adapter.vector, tensors[ia3Name], !adapter.scalesInputs);
    }
  }
}

function unknownTensor(path: string, name: string, module: string | undefined, known: readonly string[]): ConfigError {
  return new ConfigError({
    where: path,
    expected: 'tensors of adapters on modules of this model',
    received: `"${name}"`,
    hint:
      module === undefined ? `Known: ${peftPrefix}….${ends.join(`, ${peftPrefix}….`)}.` : suggestNames(module, known),
  });
}
