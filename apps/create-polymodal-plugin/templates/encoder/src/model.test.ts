import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { describeModel } from '@polymodal/testing';
import { ownPartPlugin } from './index.js';

describeModel('of texts through this encoder and through another', {
  registry: createRegistry([text, ownPartPlugin, fusion, heads]),
  config: {
    hiddenSize: 8,
    encoders: {
      order: { use: 'own-part', maxLength: 12, numHiddenLayers: 1, reach: 1 },
      remark: { use: 'transformer', maxLength: 12, numHiddenLayers: 1, numAttentionHeads: 2 },
    },
    fusion: { use: 'mean' },
    heads: { verdict: { use: 'classification', labels: ['good', 'bad'] } },
  },
  sample: (key) => ({
    order: `${key.fold('order').integer(1, 100)} pieces`,
    remark: 'as always'.slice(0, key.fold('remark').integer(2, 9)),
    targets: { verdict: key.fold('target').integer(0, 2) },
  }),
});
