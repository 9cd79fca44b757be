import { definePlugin } from '@polymodal/core';
import { concat } from './concat-fusion';
import { maskedTransformer } from './masked-transformer';
import { mean } from './mean-fusion';
import { none } from './no-fusion';

/** The fusions `masked-transformer`, `concat`, `mean` and `none`. */
export const fusion = definePlugin({
  name: '@polymodal/fusion',
  specificationVersion: 'v1',
  fusions: [maskedTransformer, concat, mean, none],
});
