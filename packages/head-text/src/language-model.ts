import { ConfigError, defineHead, type Encoders } from '@polymodal/core';
import { type CausalEncoder, generationOptions, isCausalEncoder } from '@polymodal/generation';
import { z } from 'zod';
import { LanguageModelHead } from './language-model-head';
import { figureOptions } from './written-figures';
import { writtenTarget } from './written-target';

/**
 * The head `language-model`: a {@link LanguageModelHead}, over a fusion that offers `causal`, such as `decoder`.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { question: { use: 'transformer', causal: true } },
 *   fusion: { use: 'decoder' },
 *   heads: { answer: { use: 'language-model', generation: { maxNewTokens: 16 } } },
 * });
 * ```
 */
export const languageModel = defineHead({
  name: 'language-model',
  target: writtenTarget,
  config: z.object({
    /** Whether its weight is that of the token embeddings. */
    tied: z.boolean().default(true),
    /** How it writes, unless a prediction asks otherwise. */
    generation: generationOptions.default({}),
    ...figureOptions,
  }),
  create: ({ tied, generation, figures }, { encoders, target }) =>
    new LanguageModelHead({ encoder: writer(encoders, target.slot), tied, generation, target, figures }),
});

function writer(encoders: Encoders, slot: string): CausalEncoder {
  const encoder = encoders[slot];
  if (encoder && isCausalEncoder(encoder)) return encoder;
  throw new ConfigError({
    where: 'of',
    expected: 'a slot whose encoder is causal: the layers that the text goes on through',
    received: `"${slot}", whose encoder is not`,
    hint: 'Such are `transformer` of texts with `causal: true`, and pretrained GPT-2, Llama and Qwen2.',
  });
}
