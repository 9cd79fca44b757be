import { defineFamily } from '@polymodal/hub';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { ClipTextEncoder } from './clip-text-encoder';
import { clipTextConfig } from './config';
import { clipTextInClip, clipTextKeys } from './keys';

/** The text tower of CLIP. */
export const clipText = defineFamily({
  architectures: { clip_text_model: 'CLIPTextModel' },
  within: { clip: clipTextInClip },
  config: clipTextConfig,
  build: (config) => new ClipTextEncoder(config),
  keys: () => clipTextKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
