import { z } from 'zod';
import { describeValue } from './describe-value';
import { ConfigError, PolymodalError, UnknownNameError } from './errors';
import { together } from './errors/together';
import type { UncheckedModelConfig, UncheckedSlot } from './model-config';
import { suggestNames } from './nearest-names';
import { parseConfig } from './parse-config';
import type { Registry } from './registry';
import { isRecord } from './require-argument';
import { requirementsSchema } from './requirements';
import { reservedSampleNames } from './sample';
import { severalOf } from './several/several-of';
import { severalSchema } from './several/several-options';
import { sharedOf } from './shared/shared-of';

/**
 * Checks a config as `composeModel` does, and builds nothing.
 *
 * @throws ConfigError or UnknownNameError naming the offending path and the nearest valid name
 */
export function checkModelConfig(registry: Registry, config: unknown): void {
  checkConfig(registry, config);
}

/**
 * Everything that the config names, found and with its options parsed. Heads come after the heads that feed them. Faults that do not
 * depend on one another are told together.
 */
export function checkConfig(registry: Registry, value: unknown) {
  checkRegistry(registry);
  const faults: PolymodalError[] = [];
  /** What a check gives: a list with it, or an empty one where it finds a fault. */
  const found = <T>(check: () => T): T[] => {
    try {
      return [check()];
    } catch (error) {
      if (!PolymodalError.isInstance(error)) throw error;
      faults.push(error);
      return [];
    }
  };
  const [whole] = found((): UncheckedModelConfig => parseConfig(configSchema, value, ''));
  const config = whole ?? soundSlots(value);
  const slots = Object.keys(config.encoders);
  if (whole && slots.length === 0) {
    faults.push(new ConfigError({ where: 'encoders', expected: 'at least one encoder', received: 'none' }));
  }
  for (const name of [...slots, ...Object.keys(config.heads)]) found(() => checkName(name));

  const encoders = Object.entries(config.encoders).flatMap(([slot, options]) =>
    found(() => encoderOf(registry, slot, options)),
  );
  const [fusion] = config.fusion ? found(() => fusionOf(registry, config.fusion as UncheckedSlot)) : [];
  // Of a config that does not hold all its heads, it cannot be told whether one feeds another.
  const [order = Object.keys(config.heads)] = whole ? found(() => headOrder(config.heads)) : [];
  const heads = order.flatMap((name) => found(() => headOf(registry, name, config.heads[name])));
  const adapters = (config.adapters ?? []).flatMap((options, index) =>
    found(() => adapterOf(registry, index, options)),
  );
  if (!whole || !fusion || faults.length > 0) throw together(faults);
  return { config: whole, encoders, fusion, heads, adapters };
}

const slotSchema = z.looseObject({ use: z.string() });
const adaptersSchema = z.array(slotSchema);
const configSchema = z.strictObject({
  hiddenSize: z.int().positive(),
  seed: z.int().optional(),
  encoders: z.record(z.string(), slotSchema),
  fusion: slotSchema,
  heads: z.record(z.string(), slotSchema),
  adapters: adaptersSchema.optional(),
});

/** Those slots of a faulty config that are worth being looked at all the same. */
function soundSlots(value: unknown): UncheckedSlots {
  const { encoders, fusion, heads, adapters } = (isRecord(value) ? value : {}) as Readonly<Record<string, unknown>>;
  const isSlot = (slot: unknown): slot is UncheckedSlot => slotSchema.safeParse(slot).success;
  const sound = (slots: unknown) =>
    Object.fromEntries(
      Object.entries(isRecord(slots) ? slots : {}).flatMap(([name, slot]) =>
        isSlot(slot) && name !== '__proto__' ? [[name, slot]] : [],
      ),
    );
  return {
    encoders: sound(encoders),
    ...(isSlot(fusion) && { fusion }),
    heads: sound(heads),
    adapters: Array.isArray(adapters) && adapters.every(isSlot) ? adapters : [],
  };
}

type UncheckedSlots = Pick<UncheckedModelConfig, 'encoders' | 'heads' | 'adapters'> & {
  readonly fusion?: UncheckedSlot;
};

function encoderOf(registry: Registry, slot: string, options: UncheckedSlot) {
  const where = `encoders.${slot}`;
  const definition = registry.encoder(options.use, `${where}.use`);
  const schema = z.strictObject({
    ...definition.config.shape,
    ...definition.processor.config.shape,
    several: severalSchema,
    shared: z.boolean().default(false),
  });
  const { several, shared, ...own } = parseConfig(schema, withoutUse(options), where);
  if (several && shared) {
    throw new ConfigError({ where: `${where}.shared`, expected: '`several` or `shared`', received: 'both' });
  }
  if (several) return { slot, definition: severalOf(definition, several), config: own };
  return { slot, definition: shared ? sharedOf(definition) : definition, config: own };
}

function fusionOf(registry: Registry, options: UncheckedSlot) {
  const definition = registry.fusion(options.use, 'fusion.use');
  return { definition, config: parseConfig(z.strictObject(definition.config.shape), withoutUse(options), 'fusion') };
}

function headOf(registry: Registry, name: string, slot: UncheckedSlot) {
  const where = `heads.${name}`;
  const { input = 'fused', requires, ...options } = slot;
  const definition = registry.head(options.use as string, `${where}.use`);
  const schema = z.strictObject({
    ...definition.config.shape,
    ...definition.target?.config.shape,
    ...(definition.target && { target: targetName.default(name) }),
  });
  const { target, ...parsed } = parseConfig(schema, withoutUse(options as UncheckedSlot), where);
  const required = parseConfig(requirementsSchema.optional(), requires, `${where}.requires`);
  return { name, input: input as string, target: target as string, requires: required, definition, config: parsed };
}

/** It is read from the targets of samples, which have names that every object has. */
const targetName = z
  .string()
  .min(1)
  .refine((name) => !(name in Object.prototype), 'a name that not every object has');

/** Adapters that a config asks for, with their options parsed. @param first the index of the first in the config */
export function checkAdapters(registry: Registry, adapters: readonly UncheckedSlot[], first: number) {
  checkRegistry(registry);
  return parseConfig(adaptersSchema, adapters, 'adapters').map((options, index) =>
    adapterOf(registry, first + index, options),
  );
}

function adapterOf(registry: Registry, index: number, options: UncheckedSlot) {
  const where = `adapters.${index}`;
  const definition = registry.adapter(options.use, `${where}.use`);
  return { definition, config: parseConfig(z.strictObject(definition.config.shape), withoutUse(options), where) };
}

function checkRegistry(value: unknown): void {
  const registry = value as Partial<Registry> | null | undefined;
  if (typeof registry?.encoder === 'function' && typeof registry.fusion === 'function') return;
  throw new ConfigError({
    where: 'registry',
    expected: 'a registry, as createRegistry returns it',
    received: describeValue(value),
    hint: 'The registry comes first: composeModel(createRegistry([…]), config).',
  });
}

/** Names become parts of parameter paths and of folders on disk, and stand beside `targets` and `meta` in a sample. */
function checkName(name: string): void {
  const taken = reservedSampleNames.includes(name) || name === 'fused' || name in Object.prototype;
  if (/^[A-Za-z][\w-]*$/.test(name) && !taken) return;
  throw new ConfigError({
    where: name,
    expected: 'a name of letters, digits, _ and - that starts with a letter',
    received: describeValue(name),
    hint: '"targets", "meta" and "fused" have a meaning of their own, and so do names that every object has ("constructor").',
  });
}

function headOrder(heads: UncheckedModelConfig['heads']): string[] {
  const order: string[] = [];
  const visit = (name: string, path: readonly string[]) => {
    if (order.includes(name)) return;
    if (path.includes(name)) {
      throw new ConfigError({
        where: `heads.${name}.input`,
        expected: 'heads that form a tree',
        received: `the cycle ${[...path, name].join(' ← ')}`,
      });
    }
    const input = heads[name].input ?? 'fused';
    if (input !== 'fused') {
      if (typeof input !== 'string' || !Object.hasOwn(heads, input)) {
        throw new UnknownNameError({
          where: `heads.${name}.input`,
          expected: "'fused' or the name of another head",
          received: JSON.stringify(input),
          hint: suggestNames(String(input), ['fused', ...Object.keys(heads)]),
        });
      }
      visit(input, [...path, name]);
    }
    order.push(name);
  };
  for (const name of Object.keys(heads)) visit(name, []);
  return order;
}

function withoutUse({ use: _, ...options }: UncheckedSlot): Record<string, unknown> {
  return options;
}
