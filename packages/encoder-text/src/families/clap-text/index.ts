import { defineFamily } from '@polymodal/hub';
import { textAdjustments } from '../../sentence/text-adjustments';
import { roberta } from '../roberta';
import { clapTextConfig } from './config';
import { clapTextInClap, clapTextKeys } from './keys';

/** The text tower of CLAP, which is a RoBERTa. */
export const clapText = defineFamily({
  architectures: { clap_text_model: 'ClapTextModel' },
  within: { clap: clapTextInClap },
  config: clapTextConfig,
  adjustments: textAdjustments({
    layers: ['num_hidden_layers', 12],
    width: ['hidden_size', 768],
    maxPositions: ({ max_position_embeddings, pad_token_id }) =>
      Number(max_position_embeddings ?? 514) - Number(pad_token_id ?? 1) - 1,
    hiddenDropout: ['hidden_dropout_prob'],
    attentionDropout: 'attention_probs_dropout_prob',
  }),
  build: roberta.build,
  keys: () => clapTextKeys,
  processor: roberta.processor,
});
