import { defineFamily } from '@polymodal/hub';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { robertaConfig } from './config';
import { robertaKeys } from './keys';
import { RobertaEncoder } from './roberta-encoder';

/** RoBERTa, and XLM-RoBERTa, which has read a hundred languages. */
export const roberta = defineFamily({
  architectures: { roberta: 'RobertaModel', 'xlm-roberta': 'XLMRobertaModel' },
  config: robertaConfig,
  build: (config, stored) => new RobertaEncoder({ ...config, addPoolingLayer: stored.has('pooler.dense.weight') }),
  keys: () => robertaKeys,
  processor: (files, { maxPositionEmbeddings, padTokenId, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings - padTokenId - 1, vocabSize }),
});
