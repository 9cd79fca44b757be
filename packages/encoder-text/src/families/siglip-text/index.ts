import { defineFamily } from '@polymodal/hub';
import { siglipTextConfig } from './config';
import { siglipTextKeys } from './keys';
import { SiglipTextEncoder } from './siglip-text-encoder';
import { siglipTextProcessor } from './siglip-text-processor';

/** The text tower of SigLIP. */
export const siglipText = defineFamily({
  architectures: { siglip_text_model: 'SiglipTextModel' },
  config: siglipTextConfig,
  build: (config) => new SiglipTextEncoder(config),
  keys: () => siglipTextKeys,
  processor: siglipTextProcessor,
});
