import { defineProcessor, type RandomKey, severalOf } from '@polymodal/core';
import { describeEncoder, describeProcessor } from '@polymodal/testing';
import { z } from 'zod';
import { vision } from './plugin';
import { pretrainedImageProcessor } from './preprocessing/pretrained-image-processor';

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

// Pictures of any size, in tiles.
const inTiles = {
  image_processor_type: 'Idefics3ImageProcessor',
  ...{ size: { longest_edge: 8 }, max_image_size: { longest_edge: 4 } },
};
describeProcessor(defineProcessor({ config: z.object({}), create: () => pretrainedImageProcessor(inTiles) }), {
  sample: (key: RandomKey) => {
    const [width, height] = [key.fold('width').integer(1, 20), key.fold('height').integer(1, 20)];
    return { data: key.uniform(3 * width * height), width, height, channels: 3 };
  },
  invalid,
});
