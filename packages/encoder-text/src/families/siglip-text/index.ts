import { defineFamily } from '@polymodal/hub';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { siglipTextConfig } from './config';
import { siglipTextInSiglip, siglipTextKeys } from './keys';
import { SiglipTextEncoder } from './siglip-text-encoder';
import { siglipTextProcessor } from './siglip-text-processor';

/** Its texts are filled up to the length that it was trained at: there are no buckets. */
const { bucketSize: _, ...adjustments } = textAdjustments({
  layers: ['num_hidden_layers', 12],
  width: ['hidden_size', 768],
  maxPositions: ({ max_position_embeddings }) => Number(max_position_embeddings ?? 64),
  attentionDropout: 'attention_dropout',
});

/** The text tower of SigLIP. */
export const siglipText = defineFamily({
  architectures: { siglip_text_model: 'SiglipTextModel' },
  within: { siglip: siglipTextInSiglip },
  config: siglipTextConfig,
  adjustments,
  build: (config, _place, files) => poolAsAskedIn(files, new SiglipTextEncoder(config)),
  keys: () => siglipTextKeys,
  processor: siglipTextProcessor,
});
