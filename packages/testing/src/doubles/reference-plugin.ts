import { defineModality, definePlugin } from '@polymodal/core';
import { captionHead } from './caption-head';
import { earlyFusion } from './early-fusion';
import { referenceEncoder } from './reference-encoder';
import { referenceFusion } from './reference-fusion';
import { referenceHead } from './reference-head';
import { spliceFusion } from './splice-fusion';
import { tableEncoder } from './table-encoder';

/** The modalities that fusions and heads are tested over, unless a case names others. */
export const referenceModalities = ['image', 'text', 'audio'] as const;

/** The test doubles as a plugin: small, smooth parts that keep every invariant. */
export const referencePlugin = definePlugin({
  name: '@polymodal/testing/doubles',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [
    defineModality({ id: 'signal', description: 'a Float32Array of finite numbers, 3 a step' }),
    defineModality({ id: 'table', description: 'an array of cells, each a finite number or null' }),
  ],
  encoders: [referenceEncoder('reference', 'signal'), tableEncoder],
  fusions: [referenceFusion, earlyFusion, spliceFusion],
  heads: [referenceHead, captionHead],
});
