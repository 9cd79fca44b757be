import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';

/** What language models are composed of. */
export const languageModelRegistry = createRegistry([text, pretrainedText, fusion, headText]);
