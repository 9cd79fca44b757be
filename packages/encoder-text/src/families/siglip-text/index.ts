import { defineFamily } from '@polymodal/hub';
import { siglipTextConfig } from './config';
import { siglipTextInSiglip, siglipTextKeys } from './keys';
import { SiglipTextEncoder } from './siglip-text-encoder';
import { siglipTextProcessor } from './siglip-text-processor';

/** The text tower of SigLIP. */
export const siglipText = defineFamily({
  architectures: { siglip_text_model: 'SiglipTextModel' },
  within: { siglip: siglipTextInSiglip },
  config: siglipTextConfig,
  build: (config) => new SiglipTextEncoder(config),
  keys: () => siglipTextKeys,
  processor: siglipTextProcessor,
});
