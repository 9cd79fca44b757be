import { defineFamily } from '@polymodal/hub';
import { pretrainedAudioProcessorOf } from '../../preprocessing/pretrained-audio-processor-of';
import { samplingRateOf } from '../../preprocessing/sampling-rate-of';
import { speechAdjustments } from '../audio-adjustments';
import { wav2vec2Config } from './config';
import { samplesOfAFrame, stridesOf } from './feature-encoder';
import { wav2vec2Keys } from './keys';
import { masksFrames } from './masks-frames';
import { Wav2Vec2Encoder } from './wav2vec2-encoder';

/** wav2vec 2.0, XLS-R and MMS. */
export const wav2vec2 = defineFamily({
  architectures: { wav2vec2: 'Wav2Vec2Model' },
  config: wav2vec2Config,
  adjustments: speechAdjustments,
  build: (config, stored, files) =>
    new Wav2Vec2Encoder({
      ...config,
      samplingRate: samplingRateOf(files),
      outputHiddenSize: config.outputHiddenSize ?? config.hiddenSize,
      featProjLayerNorm: true,
      convPosBatchNorm: false,
      useMaskedSpecEmbed: masksFrames(config) && stored.has('masked_spec_embed'),
    }),
  keys: (config) => wav2vec2Keys(masksFrames(config)),
  processor: (files, config) =>
    pretrainedAudioProcessorOf(files, 'Wav2Vec2FeatureExtractor', { minSamples: samplesOfAFrame(stridesOf(config)) }),
});
