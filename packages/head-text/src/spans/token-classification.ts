import { defineHead } from '@polymodal/core';
import { z } from 'zod';
import { readingOf } from '../slot-tokens';
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
    return new TokenClassificationHead({ target, dropout, ...readingOf(target.slot, fusion, encoders) });
  },
});
