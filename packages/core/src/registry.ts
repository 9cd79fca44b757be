import type { AugmentationFactory } from './augmentation/define-augmentation';
import { checkPlugin } from './check-plugin';
import { describeValue } from './describe-value';
import { ConfigError, DuplicateNameError, UnknownNameError } from './errors';
import type { UncheckedModelConfig } from './model-config';
import { nearestNames, suggestNames } from './nearest-names';
import type {
  AdapterDefinition,
  EncoderDefinition,
  FusionDefinition,
  HeadDefinition,
  ModalityDefinition,
  Plugin,
} from './plugin';

/**
 * The parts that configs can `use`, from a list of plugins. It is an instance: two registries live side by side, and
 * nothing is registered by an import.
 *
 * ```ts
 * const registry = createRegistry([text, fusion, heads]);
 * registry.head('classification').config.parse({ labels: ['calm', 'angry'] }); // the options of a part, with defaults
 * ```
 *
 * @typeParam P union of the plugins' types, from which `composeModel` infers the type of its config
 */
export class Registry<P extends Plugin = Plugin> {
  readonly #modalities = new Map<string, ModalityDefinition>();
  readonly #encoders = new Map<string, EncoderDefinition>();
  readonly #fusions = new Map<string, FusionDefinition>();
  readonly #heads = new Map<string, HeadDefinition>();
  readonly #adapters = new Map<string, AdapterDefinition>();
  /** By modality and name: those of two modalities may be called alike. */
  readonly #augmentations = new Map<string, AugmentationFactory>();
  readonly #elsewhere = new Map<string, string>();

  constructor(readonly plugins: readonly P[]) {
    if (!Array.isArray(plugins)) {
      throw new ConfigError({
        where: 'createRegistry',
        expected: 'an array of plugins',
        received: describeValue(plugins),
        hint: 'For one plugin: createRegistry([plugin]).',
      });
    }
    const owners = new Map<string, string>();
    const add = <D>(kind: string, table: Map<string, D>, name: string, definition: D, plugin: string) => {
      const owner = owners.get(`${kind} ${name}`);
      if (owner !== undefined) {
        throw new DuplicateNameError({
          where: plugin,
          expected: `a name that no ${kind} has yet`,
          received: `"${name}", which ${owner} has registered`,
          hint: 'Give the registry only one of the two plugins, or rename one part.',
        });
      }
      owners.set(`${kind} ${name}`, plugin);
      table.set(name, definition);
    };
    for (const [index, plugin] of plugins.entries()) {
      // of a sparse array, the gaps too
      checkPlugin(plugin, `createRegistry, plugin ${index}`);
      for (const d of plugin.modalities ?? []) add('modality', this.#modalities, d.id, d, plugin.name);
      for (const d of plugin.encoders ?? []) add('encoder', this.#encoders, d.name, d, plugin.name);
      for (const d of plugin.fusions ?? []) add('fusion', this.#fusions, d.name, d, plugin.name);
      for (const d of plugin.heads ?? []) add('head', this.#heads, d.name, d, plugin.name);
      for (const d of plugin.adapters ?? []) add('adapter', this.#adapters, d.name, d, plugin.name);
      for (const d of plugin.augmentations ?? []) {
        add('augmentation', this.#augmentations, augmentationKey(d.definition), d, plugin.name);
      }
      for (const [name, entry] of Object.entries<string>(plugin.elsewhere ?? {})) this.#elsewhere.set(name, entry);
    }
    for (const encoder of this.#encoders.values()) this.modality(encoder.modality, `encoder "${encoder.name}"`);
  }

  /** The modality under an id. @throws UnknownNameError */
  modality(id: string, where?: string): ModalityDefinition {
    return find('modality', this.#modalities, id, where);
  }

  /** The encoder under a name. @throws UnknownNameError */
  encoder(name: string, where?: string): EncoderDefinition {
    return find('encoder', this.#encoders, name, where, this.#elsewhere.get(name));
  }

  /** The fusion under a name. @throws UnknownNameError */
  fusion(name: string, where?: string): FusionDefinition {
    return find('fusion', this.#fusions, name, where);
  }

  /** The head under a name. @throws UnknownNameError */
  head(name: string, where?: string): HeadDefinition {
    return find('head', this.#heads, name, where);
  }

  /** The kind of adapters under a name. @throws UnknownNameError */
  adapter(name: string, where?: string): AdapterDefinition {
    return find('adapter', this.#adapters, name, where);
  }

  /**
   * Those of the plugins whose parts a config uses, that define the modalities of these, or that augment their values.
   *
   * @throws UnknownNameError
   */
  pluginsOf({ encoders, fusion, heads, adapters = [] }: UncheckedModelConfig): P[] {
    const used = new Set<unknown>([
      ...Object.values(encoders).map(({ use }) => this.encoder(use)),
      this.fusion(fusion.use),
      ...Object.values(heads).map(({ use }) => this.head(use)),
      ...adapters.map(({ use }) => this.adapter(use)),
    ]);
    const brings = (parts: readonly unknown[] | undefined) => parts?.some((part) => used.has(part)) ?? false;
    const owners = this.plugins.filter((own) =>
      [own.encoders, own.fusions, own.heads, own.adapters].some((parts) => brings(parts)),
    );
    const modalities = owners.flatMap((own) => own.encoders ?? []).map(({ modality }) => modality);
    for (const id of modalities) used.add(this.modality(id));
    const augments = (own: P) => own.augmentations?.some(({ definition }) => modalities.includes(definition.modality));
    return this.plugins.filter((own) => owners.includes(own) || brings(own.modalities) || augments(own));
  }

  /** The kind of augmentations of a modality under a name. @throws UnknownNameError */
  augmentation(modality: string, name: string, where?: string): AugmentationFactory {
    const own = this.#augmentationsOf(modality);
    return find(`augmentation of the modality "${modality}"`, own, name, where, this.#elsewhere.get(name));
  }

  #augmentationsOf(modality: string): ReadonlyMap<string, AugmentationFactory> {
    const own = [...this.#augmentations.values()].filter(({ definition }) => definition.modality === modality);
    return new Map(own.map((factory) => [factory.definition.name, factory]));
  }

  /** Everything that is registered, by kind; augmentations as `<modality>/<name>`. */
  get names(): Readonly<Record<RegisteredKind, readonly string[]>> {
    return {
      modalities: [...this.#modalities.keys()],
      encoders: [...this.#encoders.keys()],
      fusions: [...this.#fusions.keys()],
      heads: [...this.#heads.keys()],
      adapters: [...this.#adapters.keys()],
      augmentations: [...this.#augmentations.keys()],
    };
  }
}

/** What a registry has names of. */
type RegisteredKind = 'modalities' | 'encoders' | 'fusions' | 'heads' | 'adapters' | 'augmentations';

function augmentationKey({ modality, name }: AugmentationFactory['definition']): string {
  return `${modality}/${name}`;
}

/**
 * A registry of these plugins.
 *
 * ```ts
 * import { createRegistry } from '@polymodal/core';
 * import { text } from '@polymodal/encoder-text';
 * import { fusion } from '@polymodal/fusion';
 * import { heads } from '@polymodal/heads';
 *
 * const registry = createRegistry([text, fusion, heads]);
 * console.log(registry.names.encoders); // what the `use` of an encoder's slot may be
 * ```
 *
 * @throws DuplicateNameError if two plugins register a part of one kind under one name
 * @throws UnknownNameError if an encoder's modality is defined by no plugin
 * @throws ConfigError if a value is not a plugin, or one of another specification
 */
export function createRegistry<const Plugins extends readonly Plugin[]>(plugins: Plugins): Registry<Plugins[number]> {
  return new Registry<Plugins[number]>(plugins);
}

function find<D>(
  kind: string,
  table: ReadonlyMap<string, D>,
  name: string,
  where: string | undefined,
  elsewhere?: string,
): D {
  const definition = table.get(name);
  if (definition !== undefined) return definition;
  throw new UnknownNameError({
    ...(where !== undefined && { where }),
    expected: `the name of a registered ${kind}`,
    received: describeValue(name),
    hint: elsewhere
      ? `The plugin of ${elsewhere} brings it: give createRegistry that one too. (discoverPlugins finds it where what it needs is installed.)`
      : suggestParts(kind, String(name), [...table.keys()]),
  });
}

/** A name that is like none of the known ones is hardly misspelt: rather, the plugin that brings it was left out. */
function suggestParts(kind: string, name: string, known: readonly string[]): string {
  const names = suggestNames(name, known);
  if (nearestNames(name, known).length > 0) return names;
  return `${names} If a plugin brings the ${kind}, it is missing from the registry: give it to createRegistry too.`;
}
