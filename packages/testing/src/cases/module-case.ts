import type { Context, Module, RandomKey } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';

/**
 * A part under test and something to run it on, in the form that the checks need which hold for every kind of part.
 * Those that hold for one kind only take an {@link EncoderCase}, a {@link FusionCase} or a {@link HeadCase}.
 */
export interface ModuleCase {
  /** How messages call the part, e.g. `encoder "vit"`. */
  readonly name: string;
  /** The options of the part, as a user would write them. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What the options are checked with. */
  readonly schema: z.ZodObject;
  /** Names of the options that the part itself is made with; the schema of an encoder has those of its processor too. */
  readonly ownOptions: readonly string[];
  /** Names that the part's options must not have, because its slot in a config uses them itself. */
  readonly reservedOptions: readonly string[];
  /** Options that act in training only, apart from those with "drop" in their name. */
  readonly trainingOnly: readonly string[];
  /** How far two results may lie apart that should be equal up to rounding. */
  readonly tolerance: number;
  /** A new instance with initial parameters, and its input on the backend. */
  build(change?: CaseChange): BuiltModule;
}

/** What {@link ModuleCase.build} is to do otherwise than usual. */
export interface CaseChange {
  /** Options to add to the config. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Key of the initial parameters. */
  readonly key?: RandomKey;
}

/** An instance of the part under test. */
export interface BuiltModule {
  /** The part itself. */
  readonly module: Module;
  /** The part together with the test doubles that feed it. */
  readonly whole: Module;
  /** A forward pass: named float tensors. */
  outputs(context: Context): Readonly<Record<string, tf.Tensor>>;
  /** A scalar that depends on everything the part computes. */
  loss(context: Context): tf.Scalar;
  /** Frees parameters and input. */
  dispose(): void;
}
