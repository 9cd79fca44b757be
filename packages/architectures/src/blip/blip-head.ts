import { defineHead } from '@polymodal/core';
import { generationOptions } from '@polymodal/generation';
import { decodedTarget, TextDecoderHead } from '@polymodal/head-text';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { BlipDecoder } from './blip-decoder';

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** The head `blip-decoder`: a `TextDecoderHead` with a {@link BlipDecoder}. */
export const blipDecoder = defineHead({
  name: 'blip-decoder',
  target: decodedTarget,
  config: z.object({
    /** The slot of the picture. */
    attendsTo: z.string().min(1),
    hiddenSize: size,
    /** Width of the picture's tokens. */
    keyValueSize: size,
    numHiddenLayers: size,
    numAttentionHeads: size,
    intermediateSize: size,
    hiddenAct: z.enum(activationNames),
    hiddenDropout: rate,
    attentionDropout: rate,
    layerNormEps: z.number().positive(),
    vocabSize: size,
    maxPositionEmbeddings: size,
    generation: generationOptions.default({}),
  }),
  create: ({ attendsTo, generation, ...config }, { target }) =>
    new TextDecoderHead({ decoder: new BlipDecoder({ ...config, dropPath: 0 }), target, generation, attendsTo }),
});
