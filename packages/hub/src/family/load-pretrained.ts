import { isRecord, requireArgument } from '@polymodal/core';
import type { PretrainedConfig } from '../pretrained/config-files';
import type { FetchOptions } from '../pretrained/fetch-pretrained';
import { openPretrained } from '../pretrained/open-pretrained';
import type { AdjustmentOptions } from './adjustment';
import type { ConfigOf, Family, ModelOf, ProcessorOf } from './define-family';
import { loadParameters } from './load-parameters';
import { resolveFamily } from './resolve-family';

/** A model of a family, with all that its folder has. */
export interface LoadedPretrained<F extends Family = Family> {
  readonly family: F;
  readonly model: ModelOf<F>;
  /** What the model was made from. */
  readonly config: ConfigOf<F>;
  /** config.json as it stands in the folder; where the model is a part of that in the folder, the part of its config. */
  readonly configFile: PretrainedConfig;
  /** Undefined where the folder has no files for one. */
  readonly processor: ProcessorOf<F>;
  /** The files beside the weights, by name, as they stand in the folder; none for a new model. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Options of {@link loadPretrained}: how a repository is fetched, and what is asked of the model. */
export interface LoadPretrainedOptions extends FetchOptions {
  /**
   * What is asked beyond what the folder says, as with keyword arguments of `from_pretrained` in Python: the options of a slot
   * with a `from`, such as `{ numHiddenLayers: 6, pooling: 'mean' }`.
   */
  readonly adjust?: AdjustmentOptions;
}

/**
 * Loads a model in Hugging Face layout, or the part of one that a family is given for: CLIP's vision tower out of CLIP.
 *
 * ```ts
 * import { textFamilies } from '@polymodal/encoder-text/pretrained';
 * import { embed, loadPretrained } from '@polymodal/hub';
 *
 * const bert = await loadPretrained(textFamilies, 'google-bert/bert-base-uncased'); // fetched once, or a folder
 * const [vector] = await embed(bert, ['three dogs']);
 * ```
 *
 * @param families those that may come
 * @param source   a folder, or a repository of the Hugging Face Hub; see `openPretrained`
 * @throws UnknownNameError for a model of none of them
 * @throws ConfigError for an option that is unknown, not implemented or not the family's, by name
 * @throws CheckpointKeysError for a checkpoint with tensors of another model
 * @throws FileFormatError for a folder or a file that is malformed
 */
export async function loadPretrained<F extends Family>(
  families: readonly F[],
  source: string,
  options: LoadPretrainedOptions = {},
): Promise<LoadedPretrained<F>> {
  requireFamilies(families, 'loadPretrained');
  requireArgument(isRecord(options), 'loadPretrained', 'an object of options', options);
  const { adjust, ...fetchOptions } = options;
  requireArgument(adjust === undefined || isRecord(adjust), 'loadPretrained, adjust', 'an object of options', adjust);
  const pretrained = await openPretrained(source, fetchOptions);
  const { checkpoint, directory } = pretrained;
  try {
    const resolved = resolveFamily(families, pretrained, directory, adjust);
    const { family, configFile, config, keys, contents } = resolved;
    const model = resolved.build(checkpoint.names, source);
    await loadParameters(model, checkpoint, keys);
    const processor = resolved.processor() as ProcessorOf<F>;
    return { family, model, config, configFile, processor, contents };
  } finally {
    await checkpoint.close();
  }
}

/**
 * Makes a new model of a family, whose parameters have no values yet: give them some with `initialize`.
 *
 * ```ts
 * const { model } = createFromConfig(textFamilies, { model_type: 'bert', hidden_size: 128, num_attention_heads: 2 });
 * initialize(model, RandomKey.from(0));
 * ```
 *
 * @param content what would stand in config.json
 * @throws UnknownNameError, ConfigError as {@link loadPretrained}
 */
export function createFromConfig<F extends Family>(
  families: readonly F[],
  content: PretrainedConfig,
): LoadedPretrained<F> {
  requireFamilies(families, 'createFromConfig');
  requireArgument(isRecord(content), 'createFromConfig', 'what would stand in config.json', content);
  const said = new Map([['config.json', new TextEncoder().encode(JSON.stringify(content))]]);
  const { family, configFile, config, build } = resolveFamily(families, { config: content, contents: said }, '');
  return { family, model: build(), config, configFile, processor: undefined as ProcessorOf<F>, contents: new Map() };
}

function requireFamilies(families: readonly Family[], where: string): void {
  const areFamilies = Array.isArray(families) && families.every((family) => isRecord(family?.architectures));
  requireArgument(areFamilies, where, 'a list of families, textFamilies say', families);
}
