import { defineHead } from '@polymodal/core';
import { z } from 'zod';
import { readFrom } from '../slot-tokens';
import { TokenClassificationHead } from './token-classification-head';
import { tokenTarget } from './token-target';

/** The head `token-classification`: a {@link TokenClassificationHead}. */
export const tokenClassification = defineHead({
  name: 'token-classification',
  target: tokenTarget,
  config: z.object({
    /** Rate of dropout before the tags. */
    dropout: z.number().min(0).lt(1).default(0),
  }),
  create: ({ dropout }, { encoders, fusion, target }) => {
    const reads = readFrom(fusion);
    const { hiddenSize } = reads === 'owner' ? fusion : encoders[target.slot]!;
    return new TokenClassificationHead({ target, reads, hiddenSize, dropout });
  },
});
