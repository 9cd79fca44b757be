import { definePlugin } from '@polymodal/core';
import { classification } from './classification-head';
import { contrastive } from './contrastive-head';
import { expertClassification } from './expert-classification-head';

/** The heads `classification`, `expert-classification` and `contrastive`. */
export const heads = definePlugin({
  name: '@polymodal/heads',
  specificationVersion: 'v1',
  heads: [classification, expertClassification, contrastive],
});
