import { defineFamily } from '@polymodal/hub';
import { roberta } from '../roberta';
import { clapTextConfig } from './config';
import { clapTextInClap, clapTextKeys } from './keys';

/** The text tower of CLAP, which is a RoBERTa. */
export const clapText = defineFamily({
  architectures: { clap_text_model: 'ClapTextModel' },
  within: { clap: clapTextInClap },
  config: clapTextConfig,
  build: roberta.build,
  keys: () => clapTextKeys,
  processor: roberta.processor,
});
