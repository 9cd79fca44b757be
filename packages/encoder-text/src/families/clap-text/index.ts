import { defineFamily } from '@polymodal/hub';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { RobertaEncoder } from '../roberta/roberta-encoder';
import { clapTextConfig } from './config';
import { clapTextInClap, clapTextKeys } from './keys';

/** The text tower of CLAP, which is a RoBERTa. */
export const clapText = defineFamily({
  architectures: { clap_text_model: 'ClapTextModel' },
  within: { clap: clapTextInClap },
  config: clapTextConfig,
  build: (config, stored) => new RobertaEncoder({ ...config, addPoolingLayer: stored.has('pooler.dense.weight') }),
  keys: () => clapTextKeys,
  processor: (files, { maxPositionEmbeddings, padTokenId, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings - padTokenId - 1, vocabSize }),
});
