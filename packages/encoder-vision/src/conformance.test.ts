import { type RandomKey, severalOf } from '@polymodal/core';
import { describeEncoder } from '@polymodal/testing';
import { vision } from './plugin';

const [vit, convolutional] = vision.encoders!;
const config = {
  imageSize: 8,
  channels: 1,
  patchSize: 4,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 24,
} as const;
const sample = (key: RandomKey) => ({ data: key.uniform(6 * 5), width: 6, height: 5, channels: 1 });
const invalid = ['missing.png', new Uint8Array(0), { width: 1, height: 1, channels: 1 }];

describeEncoder(vit, { config, sample, invalid });
describeEncoder(vit, { config: { ...config, pooling: 'mean' }, sample });
// An encoder without a mask of its own, of as many pictures as a row has.
describeEncoder(severalOf(vit, { most: 3, ordered: true }), {
  config,
  sample: (key: RandomKey) => Array.from({ length: key.integer(1, 4) }, (_, index) => sample(key.fold(index))),
  invalid: [[], [null], ['missing.png']],
});

const small = { imageSize: [9, 6], channels: 1, stemChannels: [4], numHiddenLayers: 1 } as const;
describeEncoder(convolutional, { config: small, sample, invalid });
describeEncoder(convolutional, { config: { ...small, pooling: 'mean-max' }, sample });
