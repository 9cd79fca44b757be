import type { Module } from '@polymodal/core';
import type { z } from 'zod';
import type { PretrainedFiles } from '../pretrained/pretrained-files';
import type { Adjustment, AdjustmentOptions } from './adjustment';
import type { CamelCased } from './camel-cased';
import type { KeyMap } from './key-map';
import type { PlaceInWhole } from './place-in-whole';
import type { StoredNames } from './stored-names';

/** Models of one architecture that are published in Hugging Face layout, and how they become ours. */
export interface Family<Schema extends z.ZodType = z.ZodType, Model extends Module = Module, Processor = unknown> {
  /** By `model_type` of config.json, the class of Python's transformers that loads what we save. */
  readonly architectures: Readonly<Record<string, string>>;
  /** By `model_type` of a larger model that is published whole, where these stand in it: they are loaded out of that too. */
  readonly within?: Readonly<Record<string, PlaceInWhole>>;
  /** Of config.json; see `familyConfig`. */
  readonly config: Schema;
  /** By name of an option of `loadPretrained`, or of a slot, what it changes; options that are not here are refused. */
  readonly adjustments?: Readonly<Record<string, Adjustment>>;
  /**
   * Makes the model, without values.
   *
   * @param stored names of the checkpoint, for parts that not all have (a pooler); a new model has all parts
   * @param files  that stand beside the weights, by name, for parts that config.json does not tell of
   * @param from   the folder or repository, as whoever loads the model called it; of a new model, its `model_type`
   */
  build(
    config: CamelCased<z.output<Schema>>,
    stored: Pick<StoredNames, 'has'>,
    files?: ReadonlyMap<string, Uint8Array>,
    from?: string,
  ): Model;
  /** Which parameter is which tensor. */
  keys(config: CamelCased<z.output<Schema>>): KeyMap;
  /**
   * Makes the processor that belongs to the model, from the files beside it; undefined where these are not there.
   *
   * @param asked what was asked beyond what the folder says; the files have it in them
   */
  processor?(files: PretrainedFiles, config: CamelCased<z.output<Schema>>, asked: AdjustmentOptions): Processor;
}

/** Declares a family and keeps its types. */
export function defineFamily<Schema extends z.ZodType, Model extends Module, Processor = undefined>(
  family: Family<Schema, Model, Processor>,
): Family<Schema, Model, Processor> {
  return family;
}

/** The parsed config of a family, in camelCase. */
export type ConfigOf<F extends Family> = F extends Family<infer Schema> ? CamelCased<z.output<Schema>> : never;

/** The model of a family. */
export type ModelOf<F extends Family> = ReturnType<F['build']>;

/** The processor of a family. */
export type ProcessorOf<F extends Family> = F extends Family<z.ZodType, Module, infer Processor> ? Processor : never;
