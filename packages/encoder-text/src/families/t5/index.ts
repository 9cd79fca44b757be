import { type CamelCased, defineFamily } from '@polymodal/hub';
import type { ActivationName } from '@polymodal/nn';
import type { z } from 'zod';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { t5Config } from './config';
import { t5Keys } from './keys';
import { T5Encoder } from './t5-encoder';
import type { T5LayerConfig } from './t5-layer';

/** Most tokens of a text: positions are relative, so that nothing in the model bounds them. */
const mostTokens = 16_384;

/** The encoder of T5 and Flan-T5. */
export const t5 = defineFamily({
  architectures: { t5: 'T5EncoderModel' },
  config: t5Config,
  adjustments: textAdjustments({
    layers: ['num_layers', 6],
    width: ['d_model', 512],
    maxPositions: () => mostTokens,
    attentionDropout: 'dropout_rate',
  }),
  build: (config, _, files) =>
    poolAsAskedIn(
      files,
      new T5Encoder({
        ...t5LayerConfig(config),
        vocabSize: config.vocabSize,
        numHiddenLayers: config.numLayers,
        numBuckets: config.relativeAttentionNumBuckets,
        maxDistance: config.relativeAttentionMaxDistance,
      }),
    ),
  keys: () => t5Keys,
  processor: (files, { vocabSize }) => pretrainedTextProcessor(files, { maxPositions: mostTokens, vocabSize }),
});

/** What a config.json says of the layers of either half. */
export function t5LayerConfig(config: CamelCased<z.output<typeof t5Config>>): T5LayerConfig {
  const name = config.feedForwardProj;
  return {
    hiddenSize: config.dModel,
    headDim: config.dKv,
    numAttentionHeads: config.numHeads,
    intermediateSize: config.dFf,
    hiddenAct: name === 'gated-gelu' ? 'gelu_new' : (name.replace('gated-', '') as ActivationName),
    isGated: name.startsWith('gated-'),
    dropout: config.dropoutRate,
    layerNormEps: config.layerNormEpsilon,
  };
}
