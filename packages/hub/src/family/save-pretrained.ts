import { isRecord, Module, requireArgument } from '@polymodal/core';
import { addFile, type WrittenFile, writeFolder, writeShards } from '@polymodal/core/node';
import { checkpointFolder, checkpointManifest } from '../save/checkpoint-folder';
import { streamTensor } from '../save/stream-tensor';
import { planTensors } from '../save/tensor-to-save';
import type { LoadedPretrained } from './load-pretrained';
import { placeInWhole } from './place-in-whole';
import { stringifyWithFloats } from './python-floats';
import { parametersToSave, type SaveParametersOptions } from './save-parameters';

const pythonTypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/**
 * Saves a model in Hugging Face layout, so that `from_pretrained` of Python's transformers takes it: `config.json`,
 * `model.safetensors` (or shards), and the files of tokenizer and processors that it came with.
 *
 * A model that was saved there before is replaced as a whole: `loadPretrained`, also after a crash, finds the former or the new one.
 * Python finds one of them too, or, while several files change, no config.json. What was saved stands in `.polymodal.json`: files of
 * others stay, and are never replaced.
 *
 * ```ts
 * const bert = await loadPretrained(textFamilies, 'google-bert/bert-base-uncased');
 * await savePretrained(bert, 'models/bert', { dtype: 'F16' }); // BertModel.from_pretrained('models/bert') in Python
 * ```
 *
 * @throws StorageError for a folder with other things and no model that was saved here, or a file system that refuses
 * @throws LockedError while another process saves there
 */
export async function savePretrained(
  loaded: Omit<LoadedPretrained, 'processor'>,
  directory: string,
  options: SaveParametersOptions = {},
): Promise<void> {
  const isLoaded = loaded?.model instanceof Module && isRecord(loaded.family) && loaded.contents instanceof Map;
  requireArgument(isLoaded, 'savePretrained', 'what loadPretrained, createFromConfig or pretrainedPart gives', loaded);
  requireArgument(isRecord(options), 'savePretrained', 'an object of options', options);
  const { dtype = 'F32', ...writing } = options;
  requireArgument(
    Object.hasOwn(pythonTypes, dtype),
    'savePretrained, dtype',
    Object.keys(pythonTypes).join(', '),
    dtype,
  );
  const { family, model, config, contents } = loaded;
  const tensors = planTensors(parametersToSave(model, family.keys(config), dtype)).map(streamTensor);
  const others = new Map<string, Uint8Array | string>([...contents, ['config.json', configFileOf(loaded, dtype)]]);
  await writeFolder(directory, checkpointFolder, async (folder) => {
    const files: Record<string, WrittenFile> = { ...(await writeShards(folder, tensors, writing)) };
    for (const [name, content] of others) files[name] = await addFile(folder, name, content);
    return { files, manifest: checkpointManifest(files) };
  });
}

function configFileOf(
  { family, configFile, contents }: Omit<LoadedPretrained, 'processor'>,
  dtype: keyof typeof pythonTypes,
): string {
  const { torch_dtype: _, ...settings } = configFile;
  const content = {
    ...settings,
    architectures: [family.architectures[configFile.model_type]],
    dtype: pythonTypes[dtype],
  };
  const file = contents.get('config.json');
  const original = file && new TextDecoder().decode(file);
  const part = original && placeInWhole(family, JSON.parse(original))?.config;
  return `${stringifyWithFloats(content, original, part)}\n`;
}
