import type { ComposeOptions, Model } from '@polymodal/core';
import type { z } from 'zod';
import type { CamelCased } from '../family/camel-cased';
import { defineFamily, type Family } from '../family/define-family';

/** A family whose models are composed: encoders, a fusion and heads that a checkpoint has values for, all of them. */
export interface ComposedFamilyParts<Schema extends z.ZodType, M extends Model>
  extends Pick<Family<Schema>, 'architectures' | 'keys' | 'adjustments'> {
  /** Of the whole's config.json. */
  readonly config: Schema;
  /**
   * Makes the model by `composeModel`. Its encoders are slots with this `from`, and find themselves within the whole.
   *
   * @param options for `composeModel`
   * @throws ConfigError for options that do not go together
   */
  compose(config: CamelCased<z.output<Schema>>, from: string, options: ComposeOptions): M;
}

/**
 * Declares a family of whole models, such as CLIP: what `loadPretrained` makes of one is a `Model` as any other, that trains, predicts
 * and is saved as any other, and `savePretrained` hands it back.
 */
export function defineComposedFamily<Schema extends z.ZodType, M extends Model>({
  compose,
  ...parts
}: ComposedFamilyParts<Schema, M>): Family<Schema, M, undefined> {
  return defineFamily<Schema, M>({
    ...parts,
    build: (config, _, files = new Map(), from = '') =>
      compose(config, from, {
        initialize: false,
        savedFile: (_, name) => files.get(name), // of slots, and of targets that have a tokenizer of their own
      }),
  });
}
