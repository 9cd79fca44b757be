import { defineFamily } from '@polymodal/hub';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { BertEncoder } from './bert-encoder';
import { bertConfig } from './config';
import { bertKeys } from './keys';

/** BERT. */
export const bert = defineFamily({
  architectures: { bert: 'BertModel' },
  config: bertConfig,
  adjustments: textAdjustments({
    layers: ['num_hidden_layers', 12],
    width: ['hidden_size', 768],
    maxPositions: ({ max_position_embeddings }) => Number(max_position_embeddings ?? 512),
    hiddenDropout: ['hidden_dropout_prob'],
    attentionDropout: 'attention_probs_dropout_prob',
  }),
  build: (config, stored, files) => {
    const addPoolingLayer = stored.has('pooler.dense.weight');
    return poolAsAskedIn(files, new BertEncoder({ ...config, addPoolingLayer }));
  },
  keys: () => bertKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
