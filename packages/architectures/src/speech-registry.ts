import { createRegistry, definePlugin } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { pretrainedAudio } from '@polymodal/encoder-audio/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { whisperDecoder } from './whisper/whisper-decoder';

/** The heads of these models. */
export const speechHeads = definePlugin({
  name: '@polymodal/architectures/speech',
  specificationVersion: 'v1',
  heads: [whisperDecoder],
});

/** What models that write what is said are composed of. */
export const speechRegistry = createRegistry([audio, pretrainedAudio, fusion, headText, speechHeads]);
