import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { type Pooling, poolings } from '../pool-tokens';

/** The `config.json` of a Pooling, as far as it is implemented, which is all of it. */
export interface PoolingConfig {
  readonly modes: readonly Pooling[];
  readonly includePrompt: boolean;
}

/** The modes by the options that older versions of sentence-transformers have for each, in the order in which they join them. */
const flags: Readonly<Record<Pooling, string>> = {
  cls: 'pooling_mode_cls_token',
  max: 'pooling_mode_max_tokens',
  mean: 'pooling_mode_mean_tokens',
  meanSqrtLen: 'pooling_mode_mean_sqrt_len_tokens',
  weightedMean: 'pooling_mode_weightedmean_tokens',
  last: 'pooling_mode_lasttoken',
};

/** The modes as newer versions call them. */
const names: Readonly<Record<Pooling, string>> = {
  cls: 'cls',
  max: 'max',
  mean: 'mean',
  meanSqrtLen: 'mean_sqrt_len_tokens',
  weightedMean: 'weightedmean',
  last: 'lasttoken',
};

const mode = z.enum(names as Record<Pooling, string>);

const schema = z.strictObject({
  word_embedding_dimension: z.int().positive().nullish(),
  embedding_dimension: z.int().positive().nullish(),
  ...Object.fromEntries(poolings.map((pooling) => [flags[pooling], z.boolean().nullish()])),
  pooling_mode: z.union([mode, z.array(mode).min(1)]).nullish(),
  include_prompt: z.boolean().nullish(),
});

/**
 * Reads the config of a Pooling, of any version.
 *
 * @param where how error messages call it
 * @throws FileFormatError for what is none
 */
export function poolingConfig(content: Uint8Array, where: string): PoolingConfig {
  const config: Readonly<Record<string, unknown>> & z.output<typeof schema> = parseJsonFile(content, where, schema);
  const named = config.pooling_mode;
  const flagged = poolings.filter((pooling) => config[flags[pooling]] === true);
  const modes = named ? [named].flat().map(modeOf) : flagged.length > 0 ? flagged : (['mean'] as const);
  return { modes, includePrompt: config.include_prompt ?? true };
}

/** Writes one that every version reads, unless the order of the modes is one that only the newer have. */
export function encodePoolingConfig({ modes, includePrompt }: PoolingConfig, width: number): Record<string, unknown> {
  const isUsualOrder = modes.every((each, index) => index === 0 || order(modes[index - 1]) < order(each));
  if (!isUsualOrder) {
    return {
      embedding_dimension: width,
      pooling_mode: modes.map((each) => names[each]),
      include_prompt: includePrompt,
    };
  }
  const set = Object.fromEntries(poolings.map((pooling) => [flags[pooling], modes.includes(pooling)]));
  return { word_embedding_dimension: width, ...set, include_prompt: includePrompt };
}

function modeOf(name: string): Pooling {
  return poolings.find((pooling) => names[pooling] === name)!;
}

function order(mode: Pooling): number {
  return poolings.indexOf(mode);
}
