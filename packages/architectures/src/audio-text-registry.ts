import { createRegistry } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { pretrainedAudio } from '@polymodal/encoder-audio/pretrained';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';

/** What models of sound and texts are composed of. */
export const audioTextRegistry = createRegistry([audio, pretrainedAudio, text, pretrainedText, fusion, heads]);
