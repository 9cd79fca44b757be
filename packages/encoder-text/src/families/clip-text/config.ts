import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { towerOptions } from '../tower-options';

/** config.json of CLIP's text tower (HF `CLIPTextConfig`). */
export const clipTextConfig = familyConfig(
  {
    ...towerOptions({
      vocabSize: 49408,
      hiddenSize: 512,
      intermediateSize: 2048,
      numAttentionHeads: 8,
      maxPositionEmbeddings: 77,
      hiddenAct: 'quick_gelu',
      layerNormEps: 1e-5,
    }),
    eos_token_id: optional(z.int().nonnegative(), 49407),
  },
  ['projection_dim', 'dropout'], // the projection is no part of the tower, and Python has no dropout either
);
