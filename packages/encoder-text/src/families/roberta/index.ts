import { defineFamily } from '@polymodal/hub';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { robertaConfig } from './config';
import { robertaKeys } from './keys';
import { RobertaEncoder } from './roberta-encoder';

/** RoBERTa, and XLM-RoBERTa, which has read a hundred languages. */
export const roberta = defineFamily({
  architectures: { roberta: 'RobertaModel', 'xlm-roberta': 'XLMRobertaModel' },
  config: robertaConfig,
  adjustments: textAdjustments({
    layers: ['num_hidden_layers', 12],
    width: ['hidden_size', 768],
    maxPositions: ({ max_position_embeddings, pad_token_id }) =>
      Number(max_position_embeddings ?? 512) - Number(pad_token_id ?? 1) - 1,
    hiddenDropout: ['hidden_dropout_prob'],
    attentionDropout: 'attention_probs_dropout_prob',
  }),
  build: (config, stored, files) => {
    const addPoolingLayer = stored.has('pooler.dense.weight');
    return poolAsAskedIn(files, new RobertaEncoder({ ...config, addPoolingLayer }));
  },
  keys: () => robertaKeys,
  processor: (files, { maxPositionEmbeddings, padTokenId, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings - padTokenId - 1, vocabSize }),
});
