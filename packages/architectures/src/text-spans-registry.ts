import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';

/** What models are composed of that mark what stands in a text. */
export const textSpansRegistry = createRegistry([text, pretrainedText, fusion, headText]);
