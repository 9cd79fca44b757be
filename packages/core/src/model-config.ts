import type { z } from 'zod';
import type { Head } from './head';
import type { EncoderDefinition, FusionDefinition, HeadDefinition, Plugin } from './plugin';

type EncodersOf<P extends Plugin> = P extends Plugin<infer E> ? E[number] : never;
type FusionsOf<P extends Plugin> = P extends Plugin<infer _E, infer F> ? F[number] : never;
type HeadsOf<P extends Plugin> = P extends Plugin<infer _E, infer _F, infer H> ? H[number] : never;

/** What a config may say of a part. (Zod's type of an object without keys refuses every key, `use` too.) */
type OptionsOf<Schema extends z.ZodObject> = keyof Schema['shape'] extends never ? unknown : z.input<Schema>;

/** An encoder's `use` and its options, with those of its processor. */
export type EncoderSlot<D> =
  D extends EncoderDefinition<infer Name, infer Schema, infer ProcessorSchema>
    ? { readonly use: Name } & OptionsOf<Schema> & OptionsOf<ProcessorSchema>
    : never;
/** A fusion's `use` and its options. */
export type FusionSlot<D> =
  D extends FusionDefinition<infer Name, infer Schema> ? { readonly use: Name } & OptionsOf<Schema> : never;
/** A head's `use`, its `input` and its options. */
export type HeadSlot<D> =
  D extends HeadDefinition<infer Name, infer Schema>
    ? { readonly use: Name; readonly input?: string } & OptionsOf<Schema>
    : never;

/** Which registered head each head of a config uses, by the names that the config gives them. */
export type HeadUses<P extends Plugin> = Readonly<Record<string, HeadsOf<P>['name']>>;

type HeadNamed<P extends Plugin, Name> = Extract<HeadsOf<P>, { readonly name: Name }>;

/**
 * What a model answers for a sample, by head. A head that runs on every sample always answers; one that requires modalities
 * leaves its answer out where they are missing.
 *
 * @typeParam P the plugins of the registry
 * @typeParam Uses the heads of the config
 */
export type AnswersOf<P extends Plugin, Uses extends HeadUses<P>> = string extends keyof Uses
  ? Readonly<Record<string, unknown>>
  : {
      readonly [Name in keyof Uses as Requires<HeadNamed<P, Uses[Name]>> extends never ? Name : never]: AnswerOf<
        HeadNamed<P, Uses[Name]>
      >;
    } & {
      readonly [Name in keyof Uses as Requires<HeadNamed<P, Uses[Name]>> extends never ? never : Name]?: AnswerOf<
        HeadNamed<P, Uses[Name]>
      >;
    };

type HeadOf<D> = D extends { create(...args: never[]): infer H } ? H : never;
type AnswerOf<D> = HeadOf<D> extends Head<infer _Output, infer Answer> ? Answer : unknown;
type Requires<D> = HeadOf<D> extends { readonly requires: infer Requirements } ? keyof Requirements : never;

/**
 * A model in words: JSON, complete, and checked in whole before anything is built.
 *
 * @typeParam P the plugins of the registry; their schemas give the types of `encoders`, `fusion` and `heads`
 * @typeParam Uses its heads, inferred from `heads`; the types of the model's answers follow from them
 */
export interface ModelConfig<P extends Plugin = Plugin, Uses extends HeadUses<P> = HeadUses<P>> {
  /** Width of the model: of the fused tokens, and of every encoder that does not state its own. */
  readonly hiddenSize: number;
  /** Determines the initial parameters. Default 0. */
  readonly seed?: number;
  /** Encoder slots: under each name a sample may have a raw value. */
  readonly encoders: Readonly<Record<string, EncoderSlot<EncodersOf<P>>>>;
  readonly fusion: FusionSlot<FusionsOf<P>>;
  /** Heads by name. `input` is `'fused'` (the default) or the name of another head. */
  readonly heads: { readonly [Name in keyof Uses]: { readonly use: Uses[Name] } & HeadSlot<HeadNamed<P, Uses[Name]>> };
}

/** A config with unknown content: what `composeModel` checks, and what a saved model holds. */
export interface UncheckedModelConfig {
  readonly hiddenSize: number;
  readonly seed?: number;
  readonly encoders: Readonly<Record<string, UncheckedSlot>>;
  readonly fusion: UncheckedSlot;
  readonly heads: Readonly<Record<string, UncheckedSlot>>;
}

/** One slot of an {@link UncheckedModelConfig}. */
export interface UncheckedSlot {
  readonly use: string;
  readonly [option: string]: unknown;
}
