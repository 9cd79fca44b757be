import { ConfigError, defineEncoder } from '@polymodal/core';
import { resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { CausalTextTransformer } from './causal-text-transformer';
import { textProcessor } from './text-processor';
import { TextTransformer } from './text-transformer';

const textTransformerOptions = z.object({
  /** Width of the tokens; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  ...transformerOptions,
  /** What represents the whole text: see `Pooling`. */
  pooling: z.enum(['mean', 'cls', 'last']).default('mean'),
  /** Whether a token attends to itself and those before it only, as in a language model. */
  causal: z.boolean().default(false),
  /**
   * How many positions there are; as many as a text has tokens at most, `maxLength`, if left out. More are of use where other tokens come
   * into the sequence: pictures that are spliced in, what is learned or written behind.
   */
  maxPositionEmbeddings: z.int().positive().max(1_048_576).optional(),
});

/**
 * The encoder `transformer`: tokens through a {@link TextTransformer}, or with `causal` a {@link CausalTextTransformer}.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer', maxLength: 128, numHiddenLayers: 2 } },
 *   fusion: { use: 'mean' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export const textTransformer = defineEncoder({
  name: 'transformer',
  modality: 'text',
  processor: textProcessor,
  config: textTransformerOptions,
  create: (config, { hiddenSize, processor }) => {
    const sizes = {
      ...resolveTransformerConfig(config, config.hiddenSize ?? hiddenSize),
      vocabSize: processor.vocabSize,
      maxPositionEmbeddings: positionsFor(processor.maxLength, config.maxPositionEmbeddings),
      pooling: config.pooling,
    };
    return config.causal
      ? new CausalTextTransformer({ ...sizes, positions: 'counted' })
      : new TextTransformer({ ...sizes, positions: 'index' });
  },
});

function positionsFor(maxLength: number, asked = maxLength): number {
  if (asked >= maxLength) return asked;
  throw new ConfigError({
    where: 'maxPositionEmbeddings',
    expected: `at least ${maxLength}, since maxLength lets texts have so many tokens`,
    received: String(asked),
  });
}
