import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { pretrainedImage } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';

/** What models of pictures and texts are composed of. */
export const imageTextRegistry = createRegistry([vision, pretrainedImage, text, pretrainedText, fusion, heads]);
