import { defineFamily } from '@polymodal/hub';
import { pretrainedAudioProcessorOf } from '../../preprocessing/pretrained-audio-processor-of';
import { audioAdjustments, keepsPlainLayers } from '../audio-adjustments';
import { AstEncoder } from './ast-encoder';
import { astConfig } from './config';
import { astKeys } from './keys';

/** The Audio Spectrogram Transformer. */
export const ast = defineFamily({
  architectures: { 'audio-spectrogram-transformer': 'ASTModel' },
  config: astConfig,
  adjustments: audioAdjustments({
    numHiddenLayers: keepsPlainLayers,
    hiddenDropout: 'hidden_dropout_prob',
    attentionDropout: 'attention_probs_dropout_prob',
  }),
  build: (config) => new AstEncoder(config),
  keys: () => astKeys,
  processor: (files) => pretrainedAudioProcessorOf(files, 'ASTFeatureExtractor'),
});
