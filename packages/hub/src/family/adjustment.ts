import { ConfigError } from '@polymodal/core';
import { z } from 'zod';
import type { PretrainedConfig } from '../pretrained/config-files';

/** What is asked of a pretrained model beyond what its folder says, by name of the option: `{ numHiddenLayers: 6 }`. */
export type AdjustmentOptions = Readonly<Record<string, unknown>>;

/** What an {@link Adjustment} starts from. */
export interface Adjusted {
  /** The model's config.json; of a larger model, the part that is the family's. */
  readonly config: PretrainedConfig;
  /** The files beside the weights, by name. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/**
 * How one option changes what a folder says, as a keyword argument of `from_pretrained` does in Python. What is saved has the
 * change in it, so asking for the same again changes nothing.
 */
export interface Adjustment<Schema extends z.ZodType = z.ZodType> {
  /** What the option may be. */
  readonly value: Schema;
  /** @throws ConfigError, whose place starts with the name of the option, for a value that this model cannot have */
  change(value: z.output<Schema>, before: Adjusted): Partial<Adjusted>;
}

const rate = z.number().min(0).lt(1);

/** The adjustment of a rate that has these names in config.json: one of dropout, say. */
export function setsRate(...names: readonly string[]): Adjustment<typeof rate> {
  return {
    value: rate,
    change: (value, { config }) => ({
      config: { ...config, ...Object.fromEntries(names.map((name) => [name, value])) },
    }),
  };
}

const flag = z.boolean();

/** The adjustment of an option of config.json that is true or false. */
export function setsFlag(name: string): Adjustment<typeof flag> {
  return { value: flag, change: (value, { config }) => ({ config: { ...config, [name]: value } }) };
}

const layerCount = z.int().positive();

/**
 * The adjustment `numHiddenLayers`: keeps the first layers and leaves the others in the checkpoint.
 *
 * @param name            the option of config.json that counts layers
 * @param layersByDefault how many there are where it is left out
 * @param also            what else in the config has to do with their number
 */
export function keepsLayers(
  name: string,
  layersByDefault: number,
  also: (config: PretrainedConfig, layers: number) => Readonly<Record<string, unknown>> = () => ({}),
): Adjustment<typeof layerCount> {
  return {
    value: layerCount,
    change(layers, { config }) {
      const available = Number(config[name] ?? layersByDefault);
      if (layers <= available) return { config: { ...config, [name]: layers, ...also(config, layers) } };
      const expected = `at most the ${available} layers that the model has`;
      throw new ConfigError({ where: 'numHiddenLayers', expected, received: String(layers) });
    },
  };
}
