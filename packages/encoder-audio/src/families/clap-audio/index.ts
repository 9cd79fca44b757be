import { defineFamily } from '@polymodal/hub';
import { pretrainedAudioProcessorOf } from '../../preprocessing/pretrained-audio-processor-of';
import { audioAdjustments } from '../audio-adjustments';
import { checkClapAudioConfig } from './check-clap-audio-config';
import { ClapAudioEncoder } from './clap-audio-encoder';
import { clapAudioConfig } from './config';
import { clapAudioInClap, clapAudioKeys } from './keys';

/** The audio tower of CLAP. */
export const clapAudio = defineFamily({
  architectures: { clap_audio_model: 'ClapAudioModel' },
  within: { clap: clapAudioInClap },
  config: clapAudioConfig,
  adjustments: audioAdjustments({
    hiddenDropout: 'hidden_dropout_prob',
    attentionDropout: 'attention_probs_dropout_prob',
    dropPath: 'drop_path_rate',
  }),
  build: (config) => {
    checkClapAudioConfig(config);
    return new ClapAudioEncoder({
      ...config,
      embedDim: config.patchEmbedsHiddenSize,
      numHeads: config.numAttentionHeads,
    });
  },
  keys: () => clapAudioKeys,
  processor: (files) => pretrainedAudioProcessorOf(files, 'ClapFeatureExtractor'),
});
