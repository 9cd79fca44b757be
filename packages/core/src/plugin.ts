import type { z } from 'zod';
import type { AugmentationFactory } from './augmentation/define-augmentation';
import { checkDefinition } from './check-plugin';
import type { Encoder } from './encoder';
import type { Encoders, Fusion } from './fusion';
import type { Head } from './head';
import type { Module } from './module';
import type { Processor } from './processor';
import type { LearnsFrom, Reads } from './reads-features';
import type { SlotRules } from './slots/slot-rules';

/** A kind of raw value that models take. */
export interface ModalityDefinition {
  /** e.g. `image`, `text`, `audio`, `imu`. */
  readonly id: string;
  /** What raw values it accepts, in words: shown where a sample does not fit. */
  readonly description: string;
}

/** What a processor may ask for while it is made. */
export interface ProcessorSetup {
  /** The name of the encoder slot that it serves, or of the head. */
  readonly slot: string;
  /** A file that {@link Processor.files} wrote when the model was saved; `undefined` for a new model. */
  savedFile(name: string): Uint8Array | undefined;
}

/** What the processor of a target may ask for while it is made. */
export interface TargetSetup extends ProcessorSetup {
  /** Those of the model's slots, by name: a target may be of the same kind as what one of them reads, a text in the same tokens. */
  readonly processors: Readonly<Record<string, Processor>>;
}

/** How to make the processor of a target from its head's part of the config: any {@link ProcessorDefinition}, or one that asks for more. */
export interface TargetDefinition<Schema extends z.ZodObject = z.ZodObject, P extends Processor = Processor> {
  readonly config: Schema;
  create(config: z.output<Schema>, setup: TargetSetup): P;
}

/** How to make the processor of an encoder from its part of the slot's config. */
export interface ProcessorDefinition<Schema extends z.ZodObject = z.ZodObject, P extends Processor = Processor> {
  readonly config: Schema;
  create(config: z.output<Schema>, setup: ProcessorSetup): P;
}

/** What an encoder may ask for while it is made. */
export interface EncoderSetup<P extends Processor = Processor> {
  readonly slot: string;
  /** Width of the model, the default of an encoder's own width. */
  readonly hiddenSize: number;
  readonly processor: P;
}

/**
 * An encoder that configs can `use`. The config of its slot is one flat object: the encoder's keys and its
 * processor's together, everything else refused.
 */
export interface EncoderDefinition<
  Name extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  ProcessorSchema extends z.ZodObject = z.ZodObject,
  P extends Processor = Processor,
  E extends Encoder = Encoder,
> {
  readonly name: Name;
  /** Id of the {@link ModalityDefinition} that it encodes. */
  readonly modality: string;
  readonly processor: ProcessorDefinition<ProcessorSchema, P>;
  readonly config: Schema;
  create(config: z.output<Schema> & z.output<ProcessorSchema>, setup: EncoderSetup<P>): E;
}

/** What a fusion may ask for while it is made. */
export interface FusionSetup {
  /** Width of the model. */
  readonly hiddenSize: number;
  readonly encoders: Encoders;
}

/** A fusion that configs can `use`. */
export interface FusionDefinition<Name extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly name: Name;
  readonly config: Schema;
  create(config: z.output<Schema>, setup: FusionSetup): Fusion;
  /** How it goes on where a slot of a model that has learned is added, removed or swapped. Left out: such models keep their slots. */
  readonly slots?: SlotRules<z.output<Schema>, z.input<Schema>>;
}

/** What a head may ask for while it is made. */
export interface HeadSetup<P extends Processor = Processor> {
  /** Its name in the model. */
  readonly name: string;
  readonly fusion: Fusion;
  readonly encoders: Encoders;
  /** The head that feeds it, where its `input` is not `'fused'`. */
  readonly parent: Head | undefined;
  /** The processor of its target, of a head whose definition has one. */
  readonly target: P;
}

/**
 * A head that configs can `use`. The config of its slot is one flat object: the head's keys, and those of its target's processor;
 * `target` there is the name under which samples have the target, by default the head's own.
 */
export interface HeadDefinition<
  Name extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  H extends Head = Head,
  TargetSchema extends z.ZodObject = z.ZodObject,
  P extends Processor = Processor,
> {
  readonly name: Name;
  /** Makes features of what the head learns from. Left out for a head that learns from modalities alone. */
  readonly target?: TargetDefinition<TargetSchema, P>;
  readonly config: Schema;
  create(config: ConfigOf<Schema> & ConfigOf<TargetSchema>, setup: HeadSetup<P>): H;
}

/** Parsed options. (Zod's type of an object without keys refuses every key, those of another schema too.) */
type ConfigOf<Schema extends z.ZodObject> = keyof Schema['shape'] extends never ? unknown : z.output<Schema>;

/** What an adapter may ask for while it is put on. */
export interface AdapterSetup {
  /** Encoders, fusion and heads under the names of the model's parameters, e.g. `encoders.text.layers.0.attention.query`. */
  readonly model: Module;
}

/** A kind of adapters that configs can `use`. */
export interface AdapterDefinition<Name extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly name: Name;
  readonly config: Schema;
  /** Puts adapters on modules of a model that has no values yet. @throws ConfigError where there is nothing to adapt */
  apply(config: z.output<Schema>, setup: AdapterSetup): void;
}

/** A package's contribution: plain data, registered with `createRegistry`. */
export interface Plugin<
  Encoders extends readonly EncoderDefinition[] = readonly EncoderDefinition[],
  Fusions extends readonly FusionDefinition[] = readonly FusionDefinition[],
  Heads extends readonly HeadDefinition[] = readonly HeadDefinition[],
  Adapters extends readonly AdapterDefinition[] = readonly AdapterDefinition[],
> {
  /** The package's name. */
  readonly name: string;
  readonly specificationVersion: 'v1';
  /**
   * The module that exports it: `import.meta.url`, written where the plugin is. Threads that prepare samples import it there. Of plugins that
   * are discovered it is known without.
   */
  readonly module?: string;
  readonly modalities?: readonly ModalityDefinition[];
  readonly encoders?: Encoders;
  readonly fusions?: Fusions;
  readonly heads?: Heads;
  readonly adapters?: Adapters;
  /** What `defineAugmentation` returned. */
  readonly augmentations?: readonly AugmentationFactory[];
  /**
   * Encoders and augmentations that another plugin of the same package brings, since they need more to be installed: by name, the entry
   * whose default export that plugin is. Who uses one without it is told.
   */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/**
 * Declares a modality.
 *
 * ```ts
 * const imu = defineModality({ id: 'imu', description: 'readings of a motion sensor, { readings, rate }' });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineModality(definition: ModalityDefinition): ModalityDefinition {
  return checkDefinition('modality', definition);
}

/**
 * Declares a processor and keeps the types of its config.
 *
 * ```ts
 * const readings = defineProcessor({
 *   config: z.object({ channels: z.int().positive().default(6) }),
 *   create: (config) => new ReadingsProcessor(config.channels), // a `Processor`
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineProcessor<Schema extends z.ZodObject, P extends Processor>(
  definition: ProcessorDefinition<Schema, P>,
): ProcessorDefinition<Schema, P> {
  return checkDefinition('processor', definition);
}

/**
 * Declares the processor of a target that goes by those of the model's slots, and keeps the types of its config. One that does not is
 * declared by `defineProcessor`.
 *
 * ```ts
 * const translation = defineTarget({
 *   config: z.object({ of: z.string() }),
 *   create: ({ of }, { processors }) => new TranslationProcessor(processors[of]), // in the tokens of that slot
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineTarget<Schema extends z.ZodObject, P extends Processor>(
  definition: TargetDefinition<Schema, P>,
): TargetDefinition<Schema, P> {
  return checkDefinition('processor', definition);
}

/**
 * Declares an encoder and keeps the types of its name and config. Where its `embed` says which features it reads, and its processor which
 * it makes, TypeScript holds them together.
 *
 * ```ts
 * const imuLinear = defineEncoder({
 *   name: 'imu-linear',
 *   modality: 'imu',
 *   processor: readings, // from `defineProcessor`; its options stand in the same flat object
 *   config: z.object({ hiddenSize: z.int().positive().optional() }),
 *   create: (config, { hiddenSize }) => new Readings(config.channels, config.hiddenSize ?? hiddenSize), // an `Encoder`
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineEncoder<
  const Name extends string,
  Schema extends z.ZodObject,
  ProcessorSchema extends z.ZodObject,
  P extends Processor,
>(
  definition: EncoderDefinition<Name, Schema, ProcessorSchema, P, Encoder & Reads<P>>,
): EncoderDefinition<Name, Schema, ProcessorSchema, P> {
  return checkDefinition('encoder', definition);
}

/**
 * Declares a fusion and keeps the types of its name and config.
 *
 * ```ts
 * const sum = defineFusion({
 *   name: 'sum',
 *   config: z.object({}),
 *   create: (_, { hiddenSize, encoders }) => new SumFusion(hiddenSize, encoders), // a `Fusion`
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineFusion<const Name extends string, Schema extends z.ZodObject>(
  definition: FusionDefinition<Name, Schema>,
): FusionDefinition<Name, Schema> {
  return checkDefinition('fusion', definition);
}

/**
 * Declares a head and keeps the types of its name, its config and its answers. Its target's features are held together as those of an
 * encoder are.
 *
 * ```ts
 * const amount = defineHead({
 *   name: 'amount',
 *   target: number, // from `defineProcessor`: makes features of `targets.amount`
 *   config: z.object({}),
 *   create: (_, { fusion }) => new AmountHead(fusion.hiddenSize), // a `Head`
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineHead<
  const Name extends string,
  Schema extends z.ZodObject,
  H extends Head,
  TargetSchema extends z.ZodObject = z.ZodObject<Record<never, never>>,
  P extends Processor = Processor,
>(
  definition: HeadDefinition<Name, Schema, H & LearnsFrom<P>, TargetSchema, P>,
): HeadDefinition<Name, Schema, H, TargetSchema, P> {
  return checkDefinition('head', definition);
}

/**
 * Declares a kind of adapters and keeps the types of its name and config.
 *
 * ```ts
 * const scaling = defineAdapter({
 *   name: 'scaling',
 *   config: z.object({ targets: z.array(z.string()) }),
 *   apply: ({ targets }, { model }) => putScales(model, targets), // an `Adapter` on each module that is meant
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineAdapter<const Name extends string, Schema extends z.ZodObject>(
  definition: AdapterDefinition<Name, Schema>,
): AdapterDefinition<Name, Schema> {
  return checkDefinition('adapter', definition);
}

/**
 * Declares a plugin and keeps the types of what is in it.
 *
 * ```ts
 * export default definePlugin({
 *   name: '@acme/polymodal-imu', // the package's name
 *   specificationVersion: 'v1',
 *   modalities: [imu],
 *   encoders: [imuLinear],
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function definePlugin<
  const Encoders extends readonly EncoderDefinition[] = [],
  const Fusions extends readonly FusionDefinition[] = [],
  const Heads extends readonly HeadDefinition[] = [],
  const Adapters extends readonly AdapterDefinition[] = [],
>(plugin: Plugin<Encoders, Fusions, Heads, Adapters>): Plugin<Encoders, Fusions, Heads, Adapters> {
  return checkDefinition('plugin', plugin);
}
