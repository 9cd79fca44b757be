import { ConfigError } from '@polymodal/core';
import { defineFamily, keepsLayers } from '@polymodal/hub';
import { pretrainedAudioProcessorOf } from '../../preprocessing/pretrained-audio-processor-of';
import { audioAdjustments } from '../audio-adjustments';
import { whisperConfig } from './config';
import { whisperKeys } from './keys';
import { WhisperEncoder } from './whisper-encoder';

/**
 * The encoder of Whisper, alone or out of a whole model. It is saved alone, as HF `WhisperEncoder` saves itself: that class
 * loads it, `WhisperModel` would lack the decoder.
 */
export const whisper = defineFamily({
  architectures: { whisper: 'WhisperEncoder' },
  config: whisperConfig,
  adjustments: audioAdjustments({
    numHiddenLayers: keepsLayers('encoder_layers', 4, ({ num_hidden_layers }, layers) =>
      num_hidden_layers == null ? {} : { num_hidden_layers: layers },
    ),
    hiddenDropout: 'dropout',
    attentionDropout: 'attention_dropout',
    activationDropout: 'activation_dropout',
    layerDropout: 'encoder_layerdrop',
    masks: true,
  }),
  build: (config) => {
    checkLayers(config);
    return new WhisperEncoder({
      ...config,
      hiddenSize: config.dModel,
      numHiddenLayers: config.encoderLayers,
      numAttentionHeads: config.encoderAttentionHeads,
      intermediateSize: config.encoderFfnDim,
      hiddenAct: config.activationFunction,
      hiddenDropout: config.dropout,
      layerdrop: config.encoderLayerdrop,
    });
  },
  keys: () => whisperKeys,
  processor: (files) => pretrainedAudioProcessorOf(files, 'WhisperFeatureExtractor'),
});

/** Python has two names for one number. */
function checkLayers({
  encoderLayers,
  numHiddenLayers,
}: {
  encoderLayers: number;
  numHiddenLayers?: number | null | undefined;
}): void {
  if ((numHiddenLayers ?? encoderLayers) === encoderLayers) return;
  throw new ConfigError({
    where: 'num_hidden_layers',
    expected: `encoder_layers ${encoderLayers}, of which it is another name`,
    received: String(numHiddenLayers),
  });
}
