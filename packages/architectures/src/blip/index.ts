import { composeModel } from '@polymodal/core';
import { defineComposedFamily } from '@polymodal/hub';
import { captionRegistry } from '../caption-registry';
import { writingOf } from '../language-model/writing-head';
import { blipConfig } from './config';
import { blipKeys } from './keys';

/**
 * BLIP that writes captions (Li et al. 2022): a `Model` of the slot `image`, the fusion `none` and the head `text`, a decoder that looks at the
 * picture.
 */
export const blip = defineComposedFamily({
  architectures: { blip: 'BlipForConditionalGeneration' },
  config: blipConfig,
  compose: ({ textConfig, visionConfig }, from, options) => {
    const { eosTokenId: _, ...generation } = writingOf('image', options);
    return composeModel(
      captionRegistry,
      {
        hiddenSize: visionConfig.hiddenSize,
        encoders: { image: { use: 'pretrained-image', from } },
        fusion: { use: 'none' },
        heads: {
          text: {
            use: 'blip-decoder',
            tokenizer: { file: 'tokenizer.json' },
            attendsTo: 'image',
            startTokenId: textConfig.bosTokenId,
            // Python ends captions with the separator, whatever else the files call an end
            endTokenId: textConfig.sepTokenId,
            maxLength: textConfig.maxPositionEmbeddings,
            hiddenSize: textConfig.hiddenSize,
            keyValueSize: visionConfig.hiddenSize,
            numHiddenLayers: textConfig.numHiddenLayers,
            numAttentionHeads: textConfig.numAttentionHeads,
            intermediateSize: textConfig.intermediateSize,
            hiddenAct: textConfig.hiddenAct,
            hiddenDropout: textConfig.hiddenDropoutProb,
            attentionDropout: textConfig.attentionProbsDropoutProb,
            layerNormEps: textConfig.layerNormEps,
            vocabSize: textConfig.vocabSize,
            maxPositionEmbeddings: textConfig.maxPositionEmbeddings,
            generation: { ...generation, eosTokenId: textConfig.sepTokenId },
          },
        },
      },
      options,
    );
  },
  keys: () => blipKeys,
});
