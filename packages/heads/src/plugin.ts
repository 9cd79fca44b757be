import { definePlugin } from '@polymodal/core';
import { classification } from './classification-head';
import { contrastive } from './contrastive-head';

/** The heads `classification` and `contrastive`. */
export const heads = definePlugin({
  name: '@polymodal/heads',
  specificationVersion: 'v1',
  heads: [classification, contrastive],
});
