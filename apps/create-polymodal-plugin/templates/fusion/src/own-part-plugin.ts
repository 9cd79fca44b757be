import { definePlugin } from '@polymodal/core';
import { ownPartFusion } from './own-part-fusion.js';

/** The fusion `own-part`. */
export const ownPartPlugin = definePlugin({
  name: 'polymodal-own-part',
  specificationVersion: 'v1',
  module: import.meta.url,
  fusions: [ownPartFusion],
});
