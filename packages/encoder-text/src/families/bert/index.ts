import { defineFamily } from '@polymodal/hub';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { BertEncoder } from './bert-encoder';
import { bertConfig } from './config';
import { bertKeys } from './keys';

/** BERT. */
export const bert = defineFamily({
  architectures: { bert: 'BertModel' },
  config: bertConfig,
  build: (config, stored) => new BertEncoder({ ...config, addPoolingLayer: stored.has('pooler.dense.weight') }),
  keys: () => bertKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
