import type { z } from 'zod';
import type { Head } from './head';
import type { AdapterDefinition, EncoderDefinition, FusionDefinition, HeadDefinition, Plugin } from './plugin';
import type { HeadRequests } from './predict/predict-options';
import type { Requirements } from './requirements';
import type { SeveralInput } from './several/several-options';

type EncodersOf<P extends Plugin> = P extends Plugin<infer E> ? E[number] : never;
type FusionsOf<P extends Plugin> = P extends Plugin<infer _E, infer F> ? F[number] : never;
type HeadsOf<P extends Plugin> = P extends Plugin<infer _E, infer _F, infer H> ? H[number] : never;
type AdaptersOf<P extends Plugin> = P extends Plugin<infer _E, infer _F, infer _H, infer A> ? A[number] : never;

/** What a config may say of a part. (Zod's type of an object without keys refuses every key, `use` too.) */
type OptionsOf<Schema extends z.ZodObject> = keyof Schema['shape'] extends never ? unknown : z.input<Schema>;

/**
 * An encoder's `use` and its options, with those of its processor, whether samples may have several values for it, and whether samples of
 * a batch that have an equal value share what is encoded.
 */
export type EncoderSlot<D> =
  D extends EncoderDefinition<infer Name, infer Schema, infer ProcessorSchema>
    ? { readonly use: Name; readonly several?: SeveralInput; readonly shared?: boolean } & OptionsOf<Schema> &
        OptionsOf<ProcessorSchema>
    : never;
/** A fusion's `use` and its options. */
export type FusionSlot<D> =
  D extends FusionDefinition<infer Name, infer Schema> ? { readonly use: Name } & OptionsOf<Schema> : never;
/**
 * A head's `use`, its `input`, what a sample must have for it to run (beside what it requires by itself), the name of its target, its options
 * and those of its target's processor.
 */
export type HeadSlot<D> =
  D extends HeadDefinition<infer Name, infer Schema, infer _H, infer TargetSchema>
    ? {
        readonly use: Name;
        readonly input?: string;
        readonly requires?: Requirements;
        readonly target?: string;
      } & OptionsOf<Schema> &
        OptionsOf<TargetSchema>
    : never;

/** The `use` of a kind of adapters and its options. */
export type AdapterSlot<D> =
  D extends AdapterDefinition<infer Name, infer Schema> ? { readonly use: Name } & OptionsOf<Schema> : never;

/** Which registered head each head of a config uses, by the names that the config gives them. */
export type HeadUses<P extends Plugin> = Readonly<Record<string, HeadsOf<P>['name']>>;

type HeadNamed<P extends Plugin, Name> = Extract<HeadsOf<P>, { readonly name: Name }>;

/** What feeds each head of a config, `'fused'` where it says nothing. */
export type HeadInputs<Uses> = { readonly [Name in keyof Uses]?: unknown };

/** What a config requires of a sample for each head, where it does. */
export type HeadRules<Uses> = { readonly [Name in keyof Uses]?: unknown };

/**
 * What a model answers for a sample, by head. A head that runs on every sample always answers; one that requires modalities, or is
 * fed by a head that does, leaves its answer out where they are missing.
 *
 * @typeParam P the plugins of the registry
 * @typeParam Uses the heads of the config
 * @typeParam Inputs what feeds them
 * @typeParam Rules what the config requires for them
 */
export type AnswersOf<
  P extends Plugin,
  Uses extends HeadUses<P>,
  Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
  Rules extends HeadRules<Uses> = HeadRules<Uses>,
> = string extends keyof Uses
  ? Readonly<Record<string, unknown>>
  : {
      readonly [Name in keyof Uses as Needs<P, Uses, Inputs, Rules, Name> extends never ? Name : never]: AnswerOf<
        HeadNamed<P, Uses[Name]>
      >;
    } & {
      readonly [Name in keyof Uses as Needs<P, Uses, Inputs, Rules, Name> extends never ? never : Name]?: AnswerOf<
        HeadNamed<P, Uses[Name]>
      >;
    };

/** What may be asked of each head at a prediction, and the pieces that it answers in. */
export type RequestsOf<P extends Plugin, Uses extends HeadUses<P>> = string extends keyof Uses
  ? HeadRequests
  : { readonly [Name in keyof Uses]: RequestOfHead<HeadOf<HeadNamed<P, Uses[Name]>>> };

type HeadOf<D> = D extends { create(...args: never[]): infer H } ? H : never;
type AnswerOf<D> = HeadOf<D> extends Head<infer _Output, infer Answer> ? Answer : unknown;
type RequestOfHead<H> =
  H extends Head<infer _Output, infer _Answer, infer Options, infer Piece>
    ? { readonly options: string extends keyof z.input<Options> ? NoOptions : z.input<Options>; readonly piece: Piece }
    : HeadRequests[string];
type NoOptions = Readonly<Record<string, never>>;

/** What a head requires, and what feeds it; `never` where it runs on every sample. */
type Needs<P extends Plugin, Uses extends HeadUses<P>, Inputs, Rules, Name extends keyof Uses> =
  | Requires<HeadNamed<P, Uses[Name]>>
  | RuleOf<Rules, Name>
  | (InputOf<Inputs, Name> extends infer Parent
      ? unknown extends Parent
        ? never // the config says nothing: it is fed by the fusion
        : Parent extends keyof Uses
          ? Needs<P, Uses, Inputs, Rules, Parent>
          : string extends Parent
            ? 'whatever feeds it' // the config's type does not tell which head that is
            : never
      : never);
type InputOf<Inputs, Name> = Name extends keyof Inputs ? Inputs[Name] : never;
type RuleOf<Rules, Name> = Name extends keyof Rules
  ? unknown extends Rules[Name]
    ? never // the config says nothing
    : keyof Rules[Name]
  : never;
type Requires<D> = HeadOf<D> extends { readonly requires: infer Requirements } ? keyof Requirements : never;

/**
 * A model in words: JSON, complete, and checked before anything is built; its faults are named together.
 *
 * @typeParam P the plugins of the registry; their schemas give the types of `encoders`, `fusion` and `heads`
 * @typeParam Uses its heads, inferred from `heads`; the types of the model's answers follow from them
 * @typeParam Inputs what feeds them
 * @typeParam Rules what it requires of a sample for them
 */
export interface ModelConfig<
  P extends Plugin = Plugin,
  Uses extends HeadUses<P> = HeadUses<P>,
  Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
  Rules extends HeadRules<Uses> = HeadRules<Uses>,
> {
  /** Width of the model: of the fused tokens, and of every encoder that does not state its own. */
  readonly hiddenSize: number;
  /** Determines the initial parameters. Default 0. */
  readonly seed?: number;
  /** Encoder slots: under each name a sample may have a raw value. */
  readonly encoders: Readonly<Record<string, EncoderSlot<EncodersOf<P>>>>;
  readonly fusion: FusionSlot<FusionsOf<P>>;
  /**
   * Heads by name. `input` is `'fused'` (the default) or the name of another head; `requires` says of what samples a head is to answer, where
   * that is not of all that it can: `{ all: ['photo'], none: ['note'] }`.
   */
  readonly heads: {
    readonly [Name in keyof Uses]: { readonly use: Uses[Name] } & HeadSlot<HeadNamed<P, Uses[Name]>>;
  } & {
    readonly [Name in keyof Inputs]: { readonly input?: Inputs[Name] } & UseOfUnknown<P, Uses>;
  } & {
    readonly [Name in keyof Rules]: { readonly requires?: Rules[Name] } & UseOfUnknown<P, Uses>;
  };
  /** Adapters, put on in this order. */
  readonly adapters?: readonly AdapterSlot<AdaptersOf<P>>[];
}

/**
 * Where a head's `use` is the name of none, the compiler can tell nothing of the heads, and would complain of what stands beside it. So that
 * it tells which names there are, nothing else is asked then.
 */
type UseOfUnknown<P extends Plugin, Uses> = string extends keyof Uses
  ? { readonly use: HeadsOf<P>['name']; readonly [option: string]: unknown }
  : unknown;

/** A config with unknown content: what `composeModel` checks, and what a saved model holds. */
export interface UncheckedModelConfig {
  readonly hiddenSize: number;
  readonly seed?: number;
  readonly encoders: Readonly<Record<string, UncheckedSlot>>;
  readonly fusion: UncheckedSlot;
  readonly heads: Readonly<Record<string, UncheckedSlot>>;
  readonly adapters?: readonly UncheckedSlot[];
}

/** One slot of an {@link UncheckedModelConfig}. */
export interface UncheckedSlot {
  readonly use: string;
  readonly [option: string]: unknown;
}
