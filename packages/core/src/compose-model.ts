import { z } from 'zod';
import { checkFit } from './check-fit';
import { describeValue } from './describe-value';
import { Encoder } from './encoder';
import { ConfigError, PartError, PolymodalError, UnknownNameError } from './errors';
import { Fusion } from './fusion';
import { Head } from './head';
import type { HeadTarget } from './head-target';
import { Model } from './model';
import type { HeadInputs, HeadUses, ModelConfig, UncheckedModelConfig, UncheckedSlot } from './model-config';
import { modelLimit } from './model-limit';
import type { ModelOf } from './model-of';
import { initialize, requireModule } from './module';
import { suggestNames } from './nearest-names';
import { limitParameters } from './parameter-limit';
import { parseConfig } from './parse-config';
import { asPartError } from './part/ask-part';
import type { Plugin, ProcessorSetup } from './plugin';
import type { Processor } from './processor';
import { RandomKey } from './random-key';
import type { Registry } from './registry';
import { reservedSampleNames } from './sample';
import { encoderOfOne } from './several/several-encoder';
import { severalOf } from './several/several-of';
import { severalSchema } from './several/several-options';

/** How a model is made, apart from its config. */
export interface ComposeOptions {
  /** Whether parameters get their initial values (default), or stay without one for a checkpoint to fill. */
  readonly initialize?: boolean;
  /** The files that processors saved with the model, by part (`processors/<slot>`, or `targets/<head>`) and name. */
  readonly savedFile?: (part: string, name: string) => Uint8Array | undefined;
  /** False for a model whose samples strangers send: paths of files are refused in them, and bytes are asked for (default true). */
  readonly readFiles?: boolean;
}

/**
 * Builds a model from a config. The whole config is checked before anything is built.
 *
 * ```ts
 * const model = composeModel(createRegistry([text, vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: {
 *     photo: { use: 'vit', imageSize: 32, patchSize: 8 }, // samples have their pictures under `photo`
 *     note: { use: 'transformer' },
 *   },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * const [answer] = await model.predict([{ note: 'soft and sweet' }]); // no photo: fine
 * console.log(answer?.ripe.label);
 * ```
 *
 * @throws ConfigError or UnknownNameError naming the offending path and the nearest valid name
 */
export function composeModel<
  P extends Plugin,
  const Uses extends HeadUses<P>,
  const Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
>(registry: Registry<P>, config: ModelConfig<P, Uses, Inputs>, options: ComposeOptions = {}): ModelOf<P, Uses, Inputs> {
  return composeUnchecked(registry, config, options) as ModelOf<P, Uses, Inputs>;
}

/**
 * As {@link composeModel}, for a config whose type is not known: one read from a file.
 *
 * ```ts
 * const model = composeUnchecked(registry, JSON.parse(await readFile('model.json', 'utf8')));
 * ```
 */
export function composeUnchecked(registry: Registry, config: unknown, options: ComposeOptions = {}): Model {
  parseConfig(composeOptions, options, 'composeModel');
  const plan = checkConfig(registry, config);
  const initialized = options.initialize !== false;
  const model = limitParameters(modelLimit(initialized), () => build(registry, plan, options));
  if (initialized) initializeModel(model);
  return model;
}

function build(registry: Registry, plan: ReturnType<typeof checkConfig>, options: ComposeOptions): Model {
  const { hiddenSize } = plan.config;
  const processors: Record<string, Processor> = {};
  const encoders: Record<string, Encoder> = {};
  for (const { slot, definition, config } of plan.encoders) {
    const setup: ProcessorSetup = { slot, savedFile: (name) => options.savedFile?.(`processors/${slot}`, name) };
    within(`encoders.${slot}`, () => {
      processors[slot] = madeProcessor(definition.processor.create(config, setup));
      encoders[slot] = made(Encoder, definition.create(config, { slot, hiddenSize, processor: processors[slot] }));
      made(Encoder, encoderOfOne(encoders[slot]));
    });
  }
  const fusion = within('fusion', () =>
    made(Fusion, plan.fusion.definition.create(plan.fusion.config, { hiddenSize, encoders })),
  );

  const heads: Record<string, Head> = {};
  const headInputs: Record<string, string> = {};
  const targets: Record<string, HeadTarget> = {};
  for (const { name, input, target, definition, config } of plan.heads) {
    const parent = input === 'fused' ? undefined : heads[input];
    const setup: ProcessorSetup = { slot: name, savedFile: (file) => options.savedFile?.(`targets/${name}`, file) };
    within(`heads.${name}`, () => {
      if (definition.target) {
        targets[name] = { name: target, processor: madeProcessor(definition.target.create(config, setup)) };
      }
      const processor = targets[name]?.processor as Processor;
      heads[name] = made(Head, definition.create(config, { name, fusion, encoders, parent, target: processor }));
    });
    headInputs[name] = input;
  }

  checkFit(registry, { hiddenSize, encoders, fusion, fusionName: plan.config.fusion.use, heads });
  const model = new Model({
    config: plan.config,
    processors,
    encoders,
    fusion,
    heads,
    headInputs,
    targets,
    readFiles: options.readFiles !== false,
  });
  plan.adapters.forEach(({ definition, config }, index) => {
    within(`adapters.${index}`, () => definition.apply(config, { model }));
  });
  return model;
}

/** Gives every parameter of a model that has no value yet its initial one, which the seed of the config determines. */
export function initializeModel(model: Model): void {
  requireModule(model, 'initializeModel');
  initialize(model, RandomKey.from(model.config.seed ?? 0).fold('parameters'));
}

/**
 * Checks a config as {@link composeModel} does, and builds nothing.
 *
 * @throws ConfigError or UnknownNameError naming the offending path and the nearest valid name
 */
export function checkModelConfig(registry: Registry, config: unknown): void {
  checkConfig(registry, config);
}

/** Runs a part's own `create`; what that throws, of one of its options say, is said with the whole path. */
function within<T>(path: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw asPartError(error, path, 'create()');
    const ofConfig = [ConfigError, UnknownNameError, PartError].some((own) => own.isInstance(error));
    if (!ofConfig || error.where?.startsWith(path)) throw error;
    throw error.at(error.where === undefined ? path : `${path}.${error.where}`);
  }
}

/** A part of another copy of core has parameters that no module tree of this one finds: a model of it would save nothing. */
function made<Part>(Base: abstract new (...args: never[]) => Part, part: unknown): Part {
  if (part instanceof Base) return part;
  const sameName = describeValue(part).startsWith('an object');
  throw new ConfigError({
    where: 'create',
    expected: `${/^[AEIOU]/.test(Base.name) ? 'an' : 'a'} ${Base.name} of this copy of @polymodal/core`,
    received: describeValue(part),
    ...(sameName && {
      hint: 'Two copies are installed if it is one: see `npm ls @polymodal/core`, and have only one.',
    }),
  });
}

function madeProcessor(processor: Processor): Processor {
  const missing = (['process', 'collate', 'shape'] as const).find((own) => typeof processor?.[own] !== 'function');
  if (missing === undefined) return processor;
  const received = `${describeValue(processor)} without ${missing}()`;
  throw new PartError({ where: 'processor, create()', expected: 'a processor', received });
}

const composeOptions = z.strictObject({
  initialize: z.boolean().optional(),
  readFiles: z.boolean().optional(),
  savedFile: z.custom<unknown>((value) => typeof value === 'function', 'a function').optional(),
});

const slotSchema = z.looseObject({ use: z.string() });
const configSchema = z.strictObject({
  hiddenSize: z.int().positive(),
  seed: z.int().optional(),
  encoders: z.record(z.string(), slotSchema),
  fusion: slotSchema,
  heads: z.record(z.string(), slotSchema),
  adapters: z.array(slotSchema).optional(),
});

/** Everything that the config names, found and with its options parsed. Heads come after the heads that feed them. */
function checkConfig(registry: Registry, value: unknown) {
  checkRegistry(registry);
  const config: UncheckedModelConfig = parseConfig(configSchema, value, '');
  const slots = Object.keys(config.encoders);
  if (slots.length === 0) {
    throw new ConfigError({ where: 'encoders', expected: 'at least one encoder', received: 'none' });
  }
  for (const name of [...slots, ...Object.keys(config.heads)]) checkName(name);

  const encoders = Object.entries(config.encoders).map(([slot, options]) => {
    const where = `encoders.${slot}`;
    const definition = registry.encoder(options.use, `${where}.use`);
    const schema = z.strictObject({
      ...definition.config.shape,
      ...definition.processor.config.shape,
      several: severalSchema,
    });
    const { several, ...own } = parseConfig(schema, withoutUse(options), where);
    return { slot, definition: several ? severalOf(definition, several) : definition, config: own };
  });
  const fusionDefinition = registry.fusion(config.fusion.use, 'fusion.use');
  const fusion = {
    definition: fusionDefinition,
    config: parseConfig(z.strictObject(fusionDefinition.config.shape), withoutUse(config.fusion), 'fusion'),
  };
  const heads = headOrder(config.heads).map((name) => {
    const where = `heads.${name}`;
    const { input = 'fused', ...options } = config.heads[name];
    const definition = registry.head(options.use as string, `${where}.use`);
    const schema = z.strictObject({
      ...definition.config.shape,
      ...definition.target?.config.shape,
      ...(definition.target && { target: z.string().min(1).default(name) }),
    });
    const { target, ...parsed } = parseConfig(schema, withoutUse(options as UncheckedSlot), where);
    return { name, input: input as string, target: target as string, definition, config: parsed };
  });
  const adapters = (config.adapters ?? []).map((options, index) => {
    const where = `adapters.${index}`;
    const definition = registry.adapter(options.use, `${where}.use`);
    return { definition, config: parseConfig(z.strictObject(definition.config.shape), withoutUse(options), where) };
  });
  return { config, encoders, fusion, heads, adapters };
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
