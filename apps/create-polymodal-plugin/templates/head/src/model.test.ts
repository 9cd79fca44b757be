import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { describeModel } from '@polymodal/testing';
import { ownPartPlugin } from './index.js';

const layers = { maxLength: 12, numHiddenLayers: 1, numAttentionHeads: 2 };

describeModel('of two texts, with this head', {
  registry: createRegistry([text, fusion, ownPartPlugin]),
  config: {
    hiddenSize: 8,
    encoders: { order: { use: 'transformer', ...layers }, remark: { use: 'transformer', ...layers } },
    fusion: { use: 'mean' },
    heads: { amount: { use: 'own-part' } },
  },
  sample: (key) => ({
    order: `${key.fold('order').integer(1, 100)} pieces`,
    remark: 'as always'.slice(0, key.fold('remark').integer(2, 9)),
    targets: { amount: key.fold('target').normal(1)[0] },
  }),
});
