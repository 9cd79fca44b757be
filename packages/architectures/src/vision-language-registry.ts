import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { pretrainedImage } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';

/** What language models that look at pictures are composed of. */
export const visionLanguageRegistry = createRegistry([text, pretrainedText, vision, pretrainedImage, fusion, headText]);
