import { createRegistry, definePlugin } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { t5Decoder } from './t5/t5-head';

/** The heads of these models. */
export const encoderDecoderHeads = definePlugin({
  name: '@polymodal/architectures/encoder-decoders',
  specificationVersion: 'v1',
  heads: [t5Decoder],
});

/** What models are composed of that read a text and write another. */
export const encoderDecoderRegistry = createRegistry([text, pretrainedText, fusion, headText, encoderDecoderHeads]);
