import { z } from 'zod';
import { checkDefinition } from '../check-plugin';
import { parseConfig } from '../parse-config';
import { within } from '../part/within-config';
import type { Augmentation, BatchChange, FeatureChange, ValueChange } from './augmentation';

/** A kind of augmentation, of one modality, that configs can `use`. */
export interface AugmentationDefinition<Schema extends z.ZodObject = z.ZodObject, Value = unknown> {
  /** One that no other augmentation of the modality has. */
  readonly name: string;
  /** Id of the modality whose values it changes. */
  readonly modality: string;
  /** Its options. `probability` is an option of every augmentation, and not among them. */
  readonly config: Schema;
  /** How often it acts unless it is told. Default 1: always. */
  readonly probability?: number;
  create(config: z.output<Schema>): ValueChange<Value> | FeatureChange | BatchChange;
}

/** Makes augmentations of one kind: what {@link defineAugmentation} gives, and plugins list. */
export interface AugmentationFactory<Options = never> {
  (options?: Options): Augmentation;
  readonly definition: AugmentationDefinition;
}

/** Options of an augmentation. (Zod's type of an object without keys refuses every key, that of the probability too.) */
export type AugmentationOptions<Schema extends z.ZodObject> = (keyof Schema['shape'] extends never
  ? unknown
  : z.input<Schema>) & {
  /** How often it acts. */
  readonly probability?: number;
};

/**
 * Declares a kind of augmentation. What comes out makes such: in code it is called, `augment: { photo: [mirror()] }`; a plugin that lists
 * it under `augmentations` has configs `use` it by its name.
 *
 * ```ts
 * export const detune = defineAugmentation({
 *   name: 'detune',
 *   modality: 'imu',
 *   config: z.object({ by: z.number().positive().default(0.1) }),
 *   create: ({ by }) => ({
 *     // what the `read` of the slot's processor gives; it stays as it is
 *     changeValue: ({ readings, rate }: Reading, key) => {
 *       const factor = 1 + by * (2 * key.uniform(1)[0] - 1);
 *       return { readings: readings.map((value) => value * factor), rate };
 *     },
 *   }),
 * });
 * ```
 *
 * @throws ConfigError if something is missing, misspelt or of the wrong kind
 */
export function defineAugmentation<Schema extends z.ZodObject, Value>(
  definition: AugmentationDefinition<Schema, Value>,
): AugmentationFactory<AugmentationOptions<Schema>> {
  checkDefinition('augmentation', definition);
  const make = (options: AugmentationOptions<Schema> = {} as AugmentationOptions<Schema>) =>
    makeAugmentation(definition, options, definition.name);
  return Object.assign(make, { definition: definition as AugmentationDefinition });
}

/**
 * An augmentation with such options.
 *
 * @param where how error messages call them
 * @throws ConfigError for options that it does not have
 */
export function makeAugmentation<Schema extends z.ZodObject, Value>(
  definition: AugmentationDefinition<Schema, Value>,
  options: unknown,
  where: string,
): Augmentation {
  const probability = z
    .number()
    .min(0)
    .max(1)
    .default(definition.probability ?? 1);
  const schema = z.strictObject({ ...definition.config.shape, probability });
  const { probability: drawn, ...own } = parseConfig(schema, options, where) as { probability: number };
  return {
    use: definition.name,
    modality: definition.modality,
    probability: drawn,
    options: own,
    ...within(where, () => definition.create(own as z.output<Schema>)),
  } as Augmentation;
}
