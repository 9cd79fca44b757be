import { definePlugin } from '@polymodal/core';
import { bottleneck } from './bottleneck-fusion';
import { concat } from './concat-fusion';
import { crossAttention } from './cross-attention-fusion';
import { decoder } from './decoder-fusion';
import { early } from './early-fusion';
import { film } from './film-fusion';
import { flamingo } from './flamingo-fusion';
import { gated } from './gated-fusion';
import { hierarchical } from './hierarchical-fusion';
import { lowRank } from './low-rank-fusion';
import { maskedTransformer } from './masked-transformer';
import { mean } from './mean-fusion';
import { none } from './no-fusion';
import { perceiver } from './perceiver-fusion';
import { tensor } from './tensor-fusion';
import { weighted } from './weighted-fusion';

/** Early, mid and late fusions: the README tells them apart. */
export const fusion = definePlugin({
  name: '@polymodal/fusion',
  specificationVersion: 'v1',
  module: import.meta.url,
  fusions: [
    maskedTransformer,
    early,
    bottleneck,
    crossAttention,
    film,
    hierarchical,
    concat,
    mean,
    weighted,
    gated,
    tensor,
    lowRank,
    perceiver,
    decoder,
    flamingo,
    none,
  ],
});
