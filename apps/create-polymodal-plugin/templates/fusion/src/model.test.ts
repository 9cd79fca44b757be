import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { heads } from '@polymodal/heads';
import { describeModel } from '@polymodal/testing';
import { ownPartPlugin } from './index.js';

const layers = { maxLength: 12, numHiddenLayers: 1, numAttentionHeads: 2 };

describeModel('of two texts, joined by this fusion', {
  registry: createRegistry([text, ownPartPlugin, heads]),
  config: {
    hiddenSize: 8,
    encoders: { order: { use: 'transformer', ...layers }, remark: { use: 'transformer', ...layers } },
    fusion: { use: 'own-part' },
    heads: { verdict: { use: 'classification', labels: ['good', 'bad'] } },
  },
  sample: (key) => ({
    order: `${key.fold('order').integer(1, 100)} pieces`,
    remark: 'as always'.slice(0, key.fold('remark').integer(2, 9)),
    targets: { verdict: key.fold('target').integer(0, 2) },
  }),
});
