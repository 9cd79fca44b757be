import { createRegistry } from '@polymodal/core';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { describeModel } from '@polymodal/testing';
import { ownPartPlugin } from './index.js';

const layers = { numHiddenLayers: 1, numAttentionHeads: 2 };

describeModel('of two slots with this modality', {
  registry: createRegistry([ownPartPlugin, fusion, heads]),
  config: {
    hiddenSize: 8,
    encoders: {
      first: { use: 'own-part', channels: 2, ...layers },
      second: { use: 'own-part', channels: 1, ...layers },
    },
    fusion: { use: 'mean' },
    heads: { verdict: { use: 'classification', labels: ['good', 'bad'] } },
  },
  sample: (key) => ({
    first: Array.from({ length: key.fold('length').integer(1, 9) }, (_, index) => [...key.fold(index).normal(2)]),
    second: [[...key.fold('second').normal(1)]],
    targets: { verdict: key.fold('target').integer(0, 2) },
  }),
});
