import { createRegistry } from '@polymodal/core';
import { describeModel } from './describe-model';
import { randomRow } from './doubles/random-row';
import { randomSignal } from './doubles/random-signal';
import { referencePlugin } from './doubles/reference-plugin';

describeModel('reference', {
  registry: createRegistry([referencePlugin]),
  config: {
    hiddenSize: 8,
    encoders: { image: { use: 'reference' }, text: { use: 'reference' }, row: { use: 'table' } },
    fusion: { use: 'reference' },
    heads: { size: { use: 'reference' }, more: { use: 'reference', input: 'size' } },
  },
  sample: (key) => ({
    ...Object.fromEntries(['image', 'text'].map((name) => [name, randomSignal(key.fold(name))])),
    row: randomRow(key.fold('row')),
    targets: { size: key.fold('target').normal(1)[0], more: key.fold('more').normal(1)[0] },
  }),
});

describeModel('reference, spliced, with a head that writes', {
  registry: createRegistry([referencePlugin]),
  config: {
    hiddenSize: 4,
    encoders: { image: { use: 'reference', numHiddenLayers: 1 }, text: { use: 'reference', numHiddenLayers: 1 } },
    fusion: { use: 'reference-splice', into: 'text' },
    heads: {
      caption: { use: 'reference-caption' },
      size: { use: 'reference' },
      more: { use: 'reference', input: 'size' },
    },
  },
  sample: (key) => ({
    ...Object.fromEntries(['image', 'text'].map((name) => [name, randomSignal(key.fold(name))])),
    targets: { caption: 'abc'.slice(key.fold('caption').integer(0, 3)), size: 1, more: key.fold('more').normal(1)[0] },
  }),
});
