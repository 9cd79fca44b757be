import { ConfigError, type Registry } from '@polymodal/core';
import type { Family, FetchOptions, LoadedPretrained } from '@polymodal/hub';
import { installed } from '../command/installed';
import { wholeFamilies } from './whole-families';

/** What a model of Python's is loaded with. */
export interface LoadPythonOptions {
  /** Brings the families of encoders. */
  readonly registry: Registry;
  /** How a repository is fetched. */
  readonly fetch: FetchOptions;
}

/**
 * Loads a model as Python has it: for our layout a whole one, for Python's any.
 *
 * @param source a folder, or a repository of the Hub
 * @throws ConfigError for an encoder, which is no model that answers
 * @throws UnknownNameError for a model of another kind; what `loadPretrained` throws
 */
export async function loadPython(
  source: string,
  to: 'polymodal' | 'hugging-face',
  { registry, fetch }: LoadPythonOptions,
): Promise<LoadedPretrained> {
  const { loadPretrained, openPretrained } = await installed(
    () => import('@polymodal/hub'),
    'hub convert',
    '@polymodal/hub',
  );
  const whole = await wholeFamilies();
  const { config, checkpoint } = await openPretrained(source, fetch);
  await checkpoint.close();
  const [named = ''] = config.architectures ?? [];
  const encoder = encodersOf(registry).find(({ families }) => families.some((own) => isOf(own, config.model_type)));
  if (to === 'polymodal') {
    const able = whole.filter((own) => isOf(own, config.model_type) && isFor(own, named));
    if (encoder && able.length === 0) throw noWhole(source, named, encoder);
    return loadPretrained(able.length > 0 ? able : whole, source, fetch);
  }
  const all = [...whole, ...encodersOf(registry).flatMap(({ families }) => families)].filter((own) =>
    isFor(own, named),
  );
  return loadPretrained(all, source, fetch);
}

/** An encoder that configs name, and the families that it may be of. */
interface EncoderOfFamilies {
  readonly name: string;
  readonly modality: string;
  readonly families: readonly Family[];
}

function encodersOf(registry: Registry): EncoderOfFamilies[] {
  const encoders = registry.names.encoders.map((name) => registry.encoder(name));
  return encoders.filter((own): own is typeof own & EncoderOfFamilies => 'families' in own);
}

function isOf({ architectures }: Family, modelType: string): boolean {
  return Object.hasOwn(architectures, modelType);
}

/** Whether a checkpoint of this class is one of the family: where an encoder has a head behind it, other classes have other heads, or none. */
function isFor({ architectures }: Family, named: string): boolean {
  const classes = Object.values(architectures);
  return classes.includes(named) || !classes.some((own) => heads.some((head) => own.endsWith(head)));
}

const heads = ['ForCTC', 'ForTokenClassification', 'ForQuestionAnswering'];

function noWhole(source: string, named: string, { name, modality }: EncoderOfFamilies): ConfigError {
  return new ConfigError({
    where: source,
    expected: 'a whole model, as CLIP, GPT-2 or LLaVA',
    received: `an encoder${named && ` (${named})`}, which answers nothing by itself`,
    hint: `Name it in a config, and train that: encoders: { ${modality}: { use: ${name}, from: ${source} } }. To store it otherwise for Python: --to hugging-face`,
  });
}
