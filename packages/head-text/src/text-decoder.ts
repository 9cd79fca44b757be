import { ConfigError, defineHead, type Encoders, type Fusion } from '@polymodal/core';
import { generationOptions } from '@polymodal/generation';
import { resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { type DecodedTarget, decodedTarget } from './decoded-target';
import { TextDecoderHead } from './text-decoder-head';
import { TransformerDecoder } from './transformer-decoder';
import { figureOptions } from './written-figures';

/**
 * The head `text-decoder`: a {@link TextDecoderHead} with a {@link TransformerDecoder}, behind any fusion.
 *
 * ```ts
 * const config = defineConfig(createRegistry([vision, audio, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, speech: { use: 'mel-transformer' } },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { caption: { use: 'text-decoder', numHiddenLayers: 2, maxLength: 32 } },
 * });
 * ```
 */
export const textDecoder = defineHead({
  name: 'text-decoder',
  target: decodedTarget,
  config: z.object({
    /** Width of the decoder; that of the model if left out. */
    hiddenSize: z.int().positive().optional(),
    ...transformerOptions,
    /**
     * The slot whose encoder's own tokens the decoder looks at, behind a fusion that offers `encoded`. Left out, it looks at the tokens that
     * the fusion made; behind `none`, which makes none, at those of the only slot.
     */
    attendsTo: z.string().min(1).optional(),
    /** Whether the logits are made with the weight of the token embeddings. */
    tied: z.boolean().default(true),
    /** How many positions there are; as many as a target has tokens at most, `maxLength`, if left out. */
    maxPositionEmbeddings: z.int().positive().max(1_048_576).optional(),
    /** How it writes, unless a prediction asks otherwise. */
    generation: generationOptions.default({}),
    ...figureOptions,
  }),
  create: (
    { tied, generation, figures, maxPositionEmbeddings, hiddenSize, ...config },
    { fusion, encoders, target },
  ) => {
    const attendsTo = attendedSlot(config.attendsTo, fusion, encoders);
    const keyValueSize = attendsTo === undefined ? fusion.hiddenSize : encoders[attendsTo].hiddenSize;
    requireTokens([target.startTokenId, ...target.prefixIds], target.codec.vocabSize);
    const decoder = new TransformerDecoder({
      ...resolveTransformerConfig(config, hiddenSize ?? keyValueSize),
      keyValueSize,
      tied,
      vocabSize: target.codec.vocabSize,
      maxPositionEmbeddings: positionsFor(target, maxPositionEmbeddings),
    });
    return new TextDecoderHead({ decoder, target, generation, attendsTo, figures });
  },
});

/**
 * Whose tokens a decoder looks at; undefined for those that the fusion made.
 *
 * @throws ConfigError for a slot that there is not, and behind `none` where there are several and none is named
 */
export function attendedSlot(asked: string | undefined, fusion: Fusion, encoders: Encoders): string | undefined {
  const slots = Object.keys(encoders);
  if (asked !== undefined && slots.includes(asked)) return asked;
  if (asked === undefined && fusion.makesTokens) return undefined;
  if (asked === undefined && slots.length === 1) return slots[0];
  throw new ConfigError({
    where: 'attendsTo',
    expected: `the slot that is written about: ${slots.join(', ')}`,
    received: asked === undefined ? 'none, behind a fusion that makes no tokens of several' : `"${asked}"`,
  });
}

/** @throws ConfigError for tokens to begin with that there are not */
function requireTokens(ids: readonly number[], vocabSize: number): void {
  const foreign = ids.find((id) => id >= vocabSize);
  if (foreign === undefined) return;
  throw new ConfigError({
    where: 'startTokenId, prefixIds',
    expected: `tokens to begin with, whose ids lie below ${vocabSize}`,
    received: String(foreign),
  });
}

function positionsFor({ maxLength }: DecodedTarget, asked = maxLength): number {
  if (asked >= maxLength) return asked;
  throw new ConfigError({
    where: 'maxPositionEmbeddings',
    expected: `at least ${maxLength}, since maxLength lets targets have so many tokens`,
    received: String(asked),
  });
}
