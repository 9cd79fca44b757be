import { createRegistry, definePlugin } from '@polymodal/core';
import { vision } from '@polymodal/encoder-vision';
import { pretrainedImage } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { blipDecoder } from './blip/blip-head';

/** The heads of these models. */
export const captionHeads = definePlugin({
  name: '@polymodal/architectures/captions',
  specificationVersion: 'v1',
  heads: [blipDecoder],
});

/** What models that write about a picture, with a decoder of their own, are composed of. */
export const captionRegistry = createRegistry([vision, pretrainedImage, fusion, headText, captionHeads]);
