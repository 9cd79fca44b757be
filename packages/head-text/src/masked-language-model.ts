import { ConfigError, defineHead, type Encoder } from '@polymodal/core';
import type { Embedding } from '@polymodal/nn';
import { z } from 'zod';
import { MaskedLanguageModelHead } from './masked-language-model-head';
import { maskedTarget } from './masked-target';
import { readingOf } from './slot-tokens';

/** The head `masked-language-model`: a {@link MaskedLanguageModelHead}. */
export const maskedLanguageModel = defineHead({
  name: 'masked-language-model',
  target: maskedTarget,
  config: z.object({
    /** That a token is hidden, or with `wholeWords` a word. */
    probability: z.number().gt(0).lt(1).default(0.15),
    /** Whether the tokens of a word are hidden together. */
    wholeWords: z.boolean().default(false),
    /** The id of what stands for a hidden token; by default that which the tokenizer has. */
    maskId: z.int().min(0).optional(),
    /** Whether its weight is that of the encoder's token embeddings, where it has such. */
    tied: z.boolean().default(true),
  }),
  create: ({ tied, maskId: asked, ...config }, { encoders, fusion, target }) => {
    const { slot, codec } = target;
    const maskId = asked ?? codec!.maskId;
    if (maskId === undefined || maskId >= codec!.vocabSize) {
      throw new ConfigError({
        where: 'maskId',
        expected: `the id of the token that stands for what is hidden, below ${codec!.vocabSize}`,
        received: asked === undefined ? `none, and the tokenizer of "${slot}" has no [MASK] or <mask>` : String(asked),
      });
    }
    if (config.wholeWords && !codec!.wordsOf) {
      throw new ConfigError({
        where: 'wholeWords',
        expected: 'false, since the tokenizer does not tell words',
        received: 'true',
      });
    }
    const reading = readingOf(slot, fusion, encoders);
    const embeddings = tied ? embeddingsOf(encoders[slot]) : undefined;
    return new MaskedLanguageModelHead({ ...config, of: slot, codec: codec!, maskId, ...reading, embeddings });
  },
});

function embeddingsOf(encoder: Encoder): Embedding | undefined {
  return (encoder as { readonly tokenEmbeddings?: Embedding }).tokenEmbeddings;
}
