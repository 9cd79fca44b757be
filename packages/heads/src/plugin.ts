import { definePlugin } from '@polymodal/core';
import { boxes } from './boxes/boxes';
import { classification } from './classification-head';
import { contrastive } from './contrastive-head';
import { expertClassification } from './expert-classification-head';
import { maskedAutoencoder } from './masked/masked-autoencoder';
import { matching } from './matching';
import { multiLabel } from './multi-label-head';
import { ordinal } from './ordinal-head';
import { quantileRegression } from './quantile-regression-head';
import { regression } from './regression-head';

/** Classes, labels, grades, numbers, alignment, and what is learned without labels. */
export const heads = definePlugin({
  name: '@polymodal/heads',
  specificationVersion: 'v1',
  module: import.meta.url,
  heads: [
    classification,
    expertClassification,
    multiLabel,
    ordinal,
    regression,
    quantileRegression,
    contrastive,
    matching,
    maskedAutoencoder,
    boxes,
  ],
});
