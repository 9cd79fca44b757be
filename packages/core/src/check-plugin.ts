import { z } from 'zod';
import { describeValue } from './describe-value';
import { ConfigError } from './errors';
import { parseConfig } from './parse-config';

const name = z.string().min(1);
const create = z.custom<unknown>((value) => typeof value === 'function', 'a function');
/** Told by what it can do, so that one of another copy of zod is one too. */
const options = z.custom<unknown>((value) => {
  const schema = value as { safeParse?: unknown; shape?: unknown } | null | undefined;
  return typeof schema?.safeParse === 'function' && typeof schema.shape === 'object';
}, 'a schema made by z.object');

const modality = z.looseObject({ id: name, description: z.string() });
const processor = z.looseObject({ config: options, create });
const encoder = z.looseObject({ name, modality: name, processor, config: options, create });
const fusion = z.looseObject({ name, config: options, create });
const head = z.looseObject({ name, target: processor.optional(), config: options, create });
const adapter = z.looseObject({ name, config: options, apply: create });
const augmentation = z.looseObject({
  name,
  modality: name,
  config: options,
  probability: z.number().min(0).max(1).optional(),
  create,
});
/** A function that makes some, with what it was declared by. */
const augmentations = z.custom<unknown>((value) => {
  return typeof value === 'function' && augmentation.safeParse((value as { definition?: unknown }).definition).success;
}, 'what defineAugmentation returns');
const plugin = z.strictObject({
  name,
  specificationVersion: z.literal('v1'),
  module: name.optional(),
  modalities: z.array(modality).optional(),
  encoders: z.array(encoder).optional(),
  fusions: z.array(fusion).optional(),
  heads: z.array(head).optional(),
  adapters: z.array(adapter).optional(),
  augmentations: z.array(augmentations).optional(),
  elsewhere: z.record(name, name).optional(),
});

/** What a plugin consists of, as schemas (its parts may carry more, for whoever knows of it): those who write JavaScript have no compiler to tell them. */
const definitions = { modality, processor, encoder, fusion, head, adapter, augmentation, plugin };

/** Gives a definition back as it is. @throws ConfigError naming what is missing, misspelt or of the wrong kind */
export function checkDefinition<Definition>(kind: keyof typeof definitions, definition: Definition): Definition {
  parseConfig(definitions[kind], definition, whereOf(kind, definition));
  return definition;
}

/**
 * @param where how error messages call what has no name
 * @throws ConfigError for what is no plugin, or one of another specification
 */
export function checkPlugin(value: unknown, where: string): void {
  const plugin = value as { readonly name?: unknown; readonly specificationVersion?: unknown } | null | undefined;
  const version = plugin?.specificationVersion;
  if (version !== 'v1') {
    throw new ConfigError({
      where: typeof plugin?.name === 'string' ? plugin.name : where,
      expected: 'a plugin of specification "v1", as definePlugin returns it',
      received: version === undefined ? describeValue(value) : `specification ${describeValue(version)}`,
      hint: 'Pass the plugin itself (often the default export of its package), not the package namespace.',
    });
  }
  checkDefinition('plugin', value);
}

function whereOf(kind: string, definition: unknown): string {
  const { name, id } = (definition ?? {}) as { name?: unknown; id?: unknown };
  const called = typeof name === 'string' ? name : id;
  return typeof called === 'string' ? `${kind} "${called}"` : kind;
}
