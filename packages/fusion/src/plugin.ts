import { definePlugin } from '@polymodal/core';
import { concat } from './concat-fusion';
import { early } from './early-fusion';
import { gated } from './gated-fusion';
import { maskedTransformer } from './masked-transformer';
import { mean } from './mean-fusion';
import { none } from './no-fusion';

/** Early, mid and late fusions: the README tells them apart. */
export const fusion = definePlugin({
  name: '@polymodal/fusion',
  specificationVersion: 'v1',
  fusions: [maskedTransformer, early, concat, mean, gated, none],
});
