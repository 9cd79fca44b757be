import { defineFamily } from '@polymodal/hub';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { ClipTextEncoder } from './clip-text-encoder';
import { clipTextConfig } from './config';
import { clipTextInClip, clipTextKeys } from './keys';

/** The text tower of CLIP. */
export const clipText = defineFamily({
  architectures: { clip_text_model: 'CLIPTextModel' },
  within: { clip: clipTextInClip },
  config: clipTextConfig,
  adjustments: textAdjustments({
    layers: ['num_hidden_layers', 12],
    width: ['hidden_size', 512],
    maxPositions: ({ max_position_embeddings }) => Number(max_position_embeddings ?? 77),
    attentionDropout: 'attention_dropout',
  }),
  build: (config, _, files) => poolAsAskedIn(files, new ClipTextEncoder(config)),
  keys: () => clipTextKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
