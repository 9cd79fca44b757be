import { createRegistry } from '@polymodal/core';
import { describeModel } from './describe-model';
import { randomRow } from './doubles/random-row';
import { randomSignal } from './doubles/random-signal';
import { referencePlugin } from './doubles/reference-plugin';

describeModel('reference', {
  registry: createRegistry([referencePlugin]),
  config: {
    hiddenSize: 8,
    encoders: {
      image: { use: 'reference', several: { most: 3 } },
      text: { use: 'reference' },
      row: { use: 'table' },
    },
    fusion: { use: 'reference' },
    heads: { size: { use: 'reference' }, more: { use: 'reference', input: 'size' } },
  },
  sample: (key) => ({
    text: randomSignal(key.fold('text')),
    row: randomRow(key.fold('row')),
    image: Array.from({ length: key.fold('images').integer(1, 4) }, (_, index) => randomSignal(key.fold(index))),
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
