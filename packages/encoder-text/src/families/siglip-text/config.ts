import { familyConfig } from '@polymodal/hub';
import { z } from 'zod';
import { towerOptions } from '../tower-options';

/** config.json of SigLIP's text tower (HF `SiglipTextConfig`). */
export const siglipTextConfig = familyConfig({
  ...towerOptions({
    vocabSize: 32000,
    hiddenSize: 768,
    intermediateSize: 3072,
    numAttentionHeads: 12,
    maxPositionEmbeddings: 64,
    hiddenAct: 'gelu_pytorch_tanh',
    layerNormEps: 1e-6,
  }),
  projection_size: z.int().positive().nullish(),
});
