import { ConfigError, defineHead, describeValue } from '@polymodal/core';
import { T5Encoder } from '@polymodal/encoder-text/pretrained';
import { generationOptions } from '@polymodal/generation';
import { decodedTarget, TextDecoderHead } from '@polymodal/head-text';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { T5Decoder } from './t5-decoder';

const size = z.int().positive();

/** The head `t5-decoder`: a `TextDecoderHead` with a {@link T5Decoder}, which has the embeddings of the encoder that it looks at. */
export const t5Decoder = defineHead({
  name: 't5-decoder',
  target: decodedTarget,
  config: z.object({
    /** The slot of the text that is read. */
    attendsTo: z.string().min(1),
    hiddenSize: size,
    headDim: size,
    numHiddenLayers: size,
    numAttentionHeads: size,
    intermediateSize: size,
    hiddenAct: z.enum(activationNames),
    isGated: z.boolean(),
    dropout: z.number().min(0).lt(1),
    layerNormEps: z.number().positive(),
    numBuckets: size,
    maxDistance: size,
    vocabSize: size,
    tied: z.boolean(),
    generation: generationOptions.default({}),
  }),
  create: ({ attendsTo, generation, ...config }, { encoders, target }) => {
    const encoder = encoders[attendsTo];
    if (!(encoder instanceof T5Encoder)) {
      const received = describeValue(encoder);
      throw new ConfigError({ where: 'attendsTo', expected: 'a slot whose encoder is of T5', received });
    }
    const decoder = new T5Decoder({ ...config, tokenEmbeddings: encoder.tokenEmbeddings });
    return new TextDecoderHead({ decoder, target, generation, attendsTo });
  },
});
