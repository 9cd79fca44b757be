import { defineFamily } from '@polymodal/hub';
import { pretrainedAudioProcessorOf } from '../../preprocessing/pretrained-audio-processor-of';
import { samplingRateOf } from '../../preprocessing/sampling-rate-of';
import { speechAdjustments } from '../audio-adjustments';
import { samplesOfAFrame, stridesOf } from '../wav2vec2/feature-encoder';
import { masksFrames } from '../wav2vec2/masks-frames';
import { Wav2Vec2Encoder } from '../wav2vec2/wav2vec2-encoder';
import { hubertConfig } from './config';
import { hubertKeys } from './keys';

/** HuBERT. */
export const hubert = defineFamily({
  architectures: { hubert: 'HubertModel' },
  config: hubertConfig,
  adjustments: speechAdjustments,
  build: (config, stored, files) =>
    new Wav2Vec2Encoder({
      ...config,
      samplingRate: samplingRateOf(files),
      addAdapter: false,
      outputHiddenSize: config.hiddenSize,
      numAdapterLayers: 0,
      adapterKernelSize: 3,
      adapterStride: 2,
      useMaskedSpecEmbed: masksFrames(config) && stored.has('masked_spec_embed'),
    }),
  keys: (config) => hubertKeys(masksFrames(config)),
  processor: (files, config) =>
    pretrainedAudioProcessorOf(files, 'Wav2Vec2FeatureExtractor', { minSamples: samplesOfAFrame(stridesOf(config)) }),
});
