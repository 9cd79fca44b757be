import { composeModel } from '@polymodal/core';
import { t5, t5LayerConfig } from '@polymodal/encoder-text/pretrained';
import { defineComposedFamily } from '@polymodal/hub';
import { encoderDecoderRegistry } from '../encoder-decoder-registry';
import { writingOf } from '../language-model/writing-head';
import { t5WholeConfig } from './config';
import { t5WholeKeys } from './keys';

/**
 * T5 and Flan-T5, whole (Raffel et al. 2020): a `Model` of the slot `text`, the fusion `none` and the head `text`, a decoder that writes about
 * what is read, as the folder says.
 */
export const t5Whole = defineComposedFamily({
  architectures: { t5: 'T5ForConditionalGeneration' },
  config: t5WholeConfig,
  adjustments: { maxLength: t5.adjustments!.maxLength, bucketSize: t5.adjustments!.bucketSize },
  compose: (config, from, options) => {
    const generation = writingOf('text', options);
    const [endTokenId] = [generation.eosTokenId ?? 1].flat();
    return composeModel(
      encoderDecoderRegistry,
      {
        hiddenSize: config.dModel,
        encoders: { text: { use: 'pretrained-text', from } },
        fusion: { use: 'none' },
        heads: {
          text: {
            use: 't5-decoder',
            ...{ of: 'text', attendsTo: 'text' },
            startTokenId: config.decoderStartTokenId ?? config.padTokenId ?? 0,
            endTokenId,
            ...t5LayerConfig(config),
            numHiddenLayers: config.numDecoderLayers ?? config.numLayers,
            numBuckets: config.relativeAttentionNumBuckets,
            maxDistance: config.relativeAttentionMaxDistance,
            vocabSize: config.vocabSize,
            tied: isTied(config),
            generation,
          },
        },
      },
      options,
    );
  },
  keys: (config) => t5WholeKeys(isTied(config)),
});

function isTied(config: {
  readonly scaleDecoderOutputs?: boolean | null;
  readonly tieWordEmbeddings: boolean;
}): boolean {
  return config.scaleDecoderOutputs ?? config.tieWordEmbeddings;
}
