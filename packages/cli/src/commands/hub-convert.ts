import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { adaptersOf, type BackendName, type Model, type Module, useBackend } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import type { LoadedPretrained } from '@polymodal/hub';
import { installed } from '../command/installed';
import type { Outcome } from '../command/outcome';
import { requireNothing } from '../command/require-nothing';
import { shownPath } from '../command/shown-path';
import { UsageError } from '../command/usage-error';
import { loadPlugins } from '../config/load-plugins';
import { registryOf } from '../config/registry-of';
import { requireInput } from '../data/require-input';
import { loadPython } from '../hub/load-python';
import { dtypes, type layouts } from '../hub/model-forms';
import { pythonModel } from '../hub/python-model';
import { shardSize } from '../hub/shard-size';
import { findModel, kindOf } from '../model/find-model';
import { modalitiesOf } from '../model/modalities-of';
import { modelFiles } from '../model/model-files';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal hub convert`. */
export interface HubConvertOptions {
  readonly out: string;
  readonly to?: (typeof layouts)[number];
  readonly dtype?: keyof typeof dtypes;
  readonly shardSize?: string;
  readonly slot?: string;
  readonly revision?: string;
  readonly offline?: boolean;
  readonly backend?: BackendName;
}

/**
 * `polymodal hub convert`: a model as Python has it becomes one that the other commands take, and one of these becomes a folder for Python's
 * `from_pretrained`. It goes into a new folder.
 */
export async function hubConvertCommand(
  source: string,
  options: HubConvertOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { directory, messages } = surroundings;
  const out = resolve(directory, options.out);
  const writing = options.shardSize === undefined ? {} : { maxShardSize: shardSize(options.shardSize) };
  await requireNothing(out, `Name another folder: --out ${options.out}-2`);
  const isOurs = await isOurModel(source, directory);
  const to = options.to ?? (isOurs ? 'hugging-face' : 'polymodal');
  requireSense(options, isOurs, to);
  messages.write(`Backend: ${await useBackend(options.backend)}\n`);
  const say = (line: string) => void messages.write(`${line}\n`);
  const loaded = isOurs
    ? await ourModel(source, options.slot, surroundings, say)
    : await loadPython(resolvedSource(source, directory), to, {
        registry: await loadPlugins(surroundings, directory),
        fetch: {
          ...(options.revision !== undefined && { revision: options.revision }),
          ...(options.offline && { offline: true }),
          signal: await surroundings.interruption(),
        },
      });
  const { dtype = 'float32' } = options;
  if (to === 'polymodal') await saveModel(loaded.model as Model, out, writing);
  else await savedForPython(loaded, out, { dtype: dtypes[dtype], ...writing });
  const files = await modelFiles(out);
  const parameters = countOf(loaded.model);
  const shown = shownPath(out, directory);
  const shards = files.filter(({ name }) => name.endsWith('.safetensors')).length;
  const text = [
    `Wrote ${shown}: ${parameters.toLocaleString('en')} parameters as ${dtype}, in ${shards === 1 ? 'one file' : `${shards} files`} of weights.`,
    to === 'polymodal'
      ? describeModel(loaded.model as Model, await loadPlugins(surroundings, directory), shown)
      : `In Python: ${loaded.family.architectures[loaded.configFile.model_type]}.from_pretrained("${shown}")`,
  ].join('\n');
  return { text, result: { source, path: out, layout: to, dtype, parameters, files } };
}

/** Whether it is a folder that `train` or `saveModel` wrote. */
async function isOurModel(source: string, directory: string): Promise<boolean> {
  const path = resolve(directory, source);
  if (!existsSync(path) && isRepository(source, directory)) return false;
  await requireInput(path, 'a folder with a model, or a repository of the Hugging Face Hub as owner/model');
  return (await kindOf(path)) !== 'hugging-face'; // findModel says what is wrong with what is neither
}

/** A name of two parts whose first is no folder here: `openai/clip-vit-base-patch32`, and not `runs/misspelt`. */
function isRepository(source: string, directory: string): boolean {
  const [, owner] = /^([\w-][\w.-]*)\/[\w-][\w.-]*$/.exec(source) ?? [];
  return owner !== undefined && !existsSync(resolve(directory, owner));
}

function resolvedSource(source: string, directory: string): string {
  const path = resolve(directory, source);
  return existsSync(path) ? path : source;
}

function requireSense({ dtype, slot }: HubConvertOptions, isOurs: boolean, to: HubConvertOptions['to']): void {
  const refuse = (where: string, expected: string, received: string, hint: string) => {
    throw new UsageError({ where, expected, received, hint });
  };
  if (isOurs && to === 'polymodal')
    refuse('--to', 'the other layout, hugging-face', 'that which it has', 'Leave --to out.');
  if (to === 'polymodal' && dtype !== undefined && dtype !== 'float32')
    refuse('--dtype', 'float32, in which Polymodal keeps its models', dtype, 'For Python: --to hugging-face');
  if (!isOurs && slot !== undefined)
    refuse('--slot', 'a model of Polymodal, one of whose encoders it names', 'one as Python has it', 'Leave it out.');
}

async function ourModel(
  source: string,
  slot: string | undefined,
  surroundings: Surroundings,
  say: (line: string) => void,
): Promise<LoadedPretrained> {
  const { folder, config } = await findModel(surroundings.directory, source);
  const model = await loadModel(await registryOf(config, surroundings), folder);
  const adapters = adaptersOf(model).size;
  if (adapters > 0) {
    model.mergeAdapters();
    say(`What ${adapters} adapters have learned is put into the weights.`);
  }
  return pythonModel(model, slot);
}

async function savedForPython(
  loaded: LoadedPretrained,
  out: string,
  options: { readonly dtype: 'F32' | 'F16' | 'BF16'; readonly maxShardSize?: number },
): Promise<void> {
  const { savePretrained } = await installed(() => import('@polymodal/hub'), 'hub convert', '@polymodal/hub');
  await savePretrained(loaded, out, options);
}

function countOf(model: Module): number {
  return [...model.parameters().values()].reduce((sum, { size }) => sum + size, 0);
}

/** What it takes and answers, and how it is asked. */
function describeModel(model: Model, registry: Parameters<typeof modalitiesOf>[1], shown: string): string {
  const modalities = Object.entries(modalitiesOf(model, registry));
  const slots = modalities.map(([slot, modality]) => (slot === modality ? slot : `${slot} (${modality})`));
  const heads = Object.entries(model.config.heads).map(([name, { use }]) => (name === use ? name : `${name} (${use})`));
  const isReader = Object.values(model.config.heads).some(({ use }) => use === 'span');
  const [first] = modalities.map(([slot, modality]) => {
    if (isReader) return `${slot}.text=<question> --value ${slot}.pair=<text>`;
    return `${slot}=${modality === 'text' ? '…' : '<file>'}`;
  });
  return `Slots: ${slots.join(', ')}. Heads: ${heads.join(', ')}.\nAsk it: polymodal predict ${shown} --value ${first}`;
}
