import { type Adapter, adaptersOf, ConfigError, encodeSafetensors, type Model } from '@polymodal/core';
import { addFile, writeFolder } from '@polymodal/core/node';
import { pretrainedPart } from '@polymodal/hub';
import { mapsOf } from '../adapted-maps';
import { Ia3Adapter } from '../ia3-adapter';
import { LoraAdapter } from '../lora-adapter';
import { configName, peftFolder, peftManifest, tensorsName } from './peft-folder';
import { type PeftModule, peftModules } from './peft-modules';
import { type AdaptedPart, ia3Name, ia3Tensor, loraTensors, type PeftTensor, peftPrefix } from './peft-tensors';

/** Which adapters are saved, and what they are of. */
export interface SavePeftOptions {
  /** Those of this name, where there are several. */
  readonly name?: string;
  /** What Python is to load the model from that they belong to, as `base_model_name_or_path` says; PEFT asks for it without. */
  readonly baseModel?: string;
}

/**
 * Saves the adapters of a pretrained encoder in the layout of Python's PEFT: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * ```ts
 * await savePeft(model, 'review', 'adapters/tone');
 * // in Python: PeftModel.from_pretrained(BertModel.from_pretrained('google-bert/bert-base-uncased'), 'adapters/tone')
 * ```
 *
 * @throws ConfigError for an encoder without such adapters, and for what PEFT has no place for: bottlenecks, `lora` beside `ia3`, or maps
 *   that are no module of the checkpoint
 * @throws StorageError for a folder with other things, or a file system that refuses
 */
export async function savePeft(
  model: Model,
  slot: string,
  directory: string,
  { name, baseModel }: SavePeftOptions = {},
): Promise<void> {
  const { model: encoder, family, config } = pretrainedPart(model, slot);
  const adapters = new Map(
    [...adaptersOf(encoder)].flatMap(([path, own]): [string, Adapter][] =>
      own.name === name ? [[path.slice(0, path.lastIndexOf('.adapter')), own]] : [],
    ),
  );
  const maps = mapsOf(encoder);
  const tensors = new Map<string, PeftTensor>();
  const left = new Set(adapters.keys());
  const modules = peftModules(encoder, family.keys(config)).filter(({ ours }) =>
    ours.some((path) => adapters.has(path)),
  );
  const partsOf = <A extends Adapter>({ ours }: PeftModule): AdaptedPart<A>[] =>
    ours.map((path) => ({ map: maps.get(path)!, adapter: adapters.get(path) as A | undefined }));
  for (const { ours } of modules) for (const path of ours) left.delete(path);
  requireSaved(slot, name, adapters, left);

  const put = (module: PeftModule, end: string, tensor: PeftTensor) =>
    tensors.set(`${peftPrefix}${module.theirs}.${end}`, tensor);
  const said = isAll(adapters, LoraAdapter)
    ? await sayLora(modules, (module) => partsOf<LoraAdapter>(module), put)
    : await sayIa3(modules, (module) => partsOf<Ia3Adapter>(module), put);
  const content = {
    ...said,
    task_type: null,
    base_model_name_or_path: baseModel ?? null,
    inference_mode: true,
    fan_in_fan_out: modules.every(({ fanInFanOut }) => fanInFanOut),
    target_modules: modules.map(({ theirs }) => theirs),
    modules_to_save: null,
  };
  await writeFolder(directory, peftFolder, async (folder) => {
    const files = {
      [tensorsName]: await addFile(folder, tensorsName, encodeSafetensors(tensors, { format: 'pt' })),
      [configName]: await addFile(folder, configName, `${JSON.stringify(content, null, 2)}\n`),
    };
    return { files, manifest: peftManifest(files) };
  });
}

type Put = (module: PeftModule, end: string, tensor: PeftTensor) => void;

async function sayLora(
  modules: readonly PeftModule[],
  partsOf: (module: PeftModule) => AdaptedPart<LoraAdapter>[],
  put: Put,
): Promise<object> {
  const ranks: Record<string, number> = {};
  const alphas: Record<string, number> = {};
  const all = modules.flatMap((module) => partsOf(module).flatMap(({ adapter }) => adapter ?? []));
  const [{ dropout }] = all;
  const rslora = all.every((own) => own.rslora);
  const dora = all.some(({ magnitudeChange }) => magnitudeChange);
  for (const module of modules) {
    const parts = partsOf(module);
    if (dora && !parts.every(({ adapter }) => adapter?.magnitudeChange)) throw halfDora(module);
    const { rank, scale, tensors } = await loraTensors(parts);
    ranks[module.theirs] = rank;
    alphas[module.theirs] = scale * (rslora ? Math.sqrt(rank) : rank);
    for (const [end, tensor] of Object.entries(tensors)) put(module, end, tensor);
  }
  const [[r, own], [alpha, ownAlpha]] = [mostCommon(ranks), mostCommon(alphas)];
  return {
    peft_type: 'LORA',
    r,
    lora_alpha: alpha,
    rank_pattern: own,
    alpha_pattern: ownAlpha,
    lora_dropout: dropout,
    use_rslora: rslora,
    use_dora: dora,
    bias: 'none',
    init_lora_weights: true,
  };
}

async function sayIa3(
  modules: readonly PeftModule[],
  partsOf: (module: PeftModule) => AdaptedPart<Ia3Adapter>[],
  put: Put,
): Promise<object> {
  const feedForward: string[] = [];
  for (const module of modules) {
    const parts = partsOf(module);
    if (parts.some(({ adapter }) => adapter?.scalesInputs)) feedForward.push(module.theirs);
    put(module, ia3Name, await ia3Tensor(parts));
  }
  return { peft_type: 'IA3', feedforward_modules: feedForward, init_ia3_weights: true };
}

/** The number that most have, and those of the others. */
function mostCommon(numbers: Readonly<Record<string, number>>): [number, Record<string, number>] {
  const counts = new Map<number, number>();
  for (const value of Object.values(numbers)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [[common]] = [...counts].sort(([, a], [, b]) => b - a);
  const others = Object.entries(numbers).filter(([, value]) => value !== common);
  return [common, Object.fromEntries(others.map(([name, value]) => [name.replaceAll('.', '\\.'), value]))];
}

function isAll<A extends Adapter>(adapters: ReadonlyMap<string, Adapter>, Kind: new (...args: never[]) => A): boolean {
  return [...adapters.values()].every((own) => own instanceof Kind);
}

function requireSaved(
  slot: string,
  name: string | undefined,
  adapters: ReadonlyMap<string, Adapter>,
  left: ReadonlySet<string>,
): void {
  const where = `savePeft, encoders.${slot}`;
  if (adapters.size === 0) {
    const expected = name === undefined ? 'adapters without a name' : `adapters called "${name}"`;
    throw new ConfigError({ where, expected, received: 'none', hint: 'Name those that are meant: { name }.' });
  }
  if (!isAll(adapters, LoraAdapter) && !isAll(adapters, Ia3Adapter)) {
    const kinds = [...new Set([...adapters.values()].map((own) => own.constructor.name))];
    throw new ConfigError({ where, expected: 'adapters lora alone, or ia3 alone', received: kinds.join(', ') });
  }
  const [path] = left;
  if (path === undefined) return;
  throw new ConfigError({
    where,
    expected: 'maps that are modules of the checkpoint',
    received: `the adapter of ${path}, which is none`,
    hint: 'Leave it out of the targets.',
  });
}

function halfDora({ theirs, ours }: PeftModule): ConfigError {
  return new ConfigError({
    where: 'savePeft',
    expected: `dora on all of ${ours.join(', ')}, which are one module of the checkpoint, ${theirs}`,
    received: 'some of them',
  });
}
