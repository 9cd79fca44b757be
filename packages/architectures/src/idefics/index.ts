import { ConfigError, composeModel } from '@polymodal/core';
import { defineComposedFamily } from '@polymodal/hub';
import { writingHead } from '../language-model/writing-head';
import { visionLanguageRegistry } from '../vision-language-registry';
import { withImageToken } from '../with-image-token';
import { ideficsConfig } from './config';
import { ideficsKeys } from './keys';

/**
 * Idefics (Laurençon et al. 2023), Flamingo with a Llama and a vision tower of CLIP: a `Model` of the slots `text` and `image`, the
 * fusion `flamingo`, and the head `language-model`, called `text`, which writes as the folder says.
 */
export const idefics = defineComposedFamily({
  architectures: { idefics: 'IdeficsForVisionText2Text' },
  config: ideficsConfig,
  compose: (config, from, options) => {
    checkInterval(config);
    const { hiddenSize, numAttentionHeads, intermediateSize, hiddenAct, rmsNormEps, perceiverConfig } = config;
    const savedFile = withImageToken(options.savedFile, {
      isImage: ({ content }) => content === '<image>',
      expected: 'the token "<image>"',
    });
    return composeModel(
      visionLanguageRegistry,
      {
        hiddenSize,
        encoders: {
          text: { use: 'pretrained-text', from },
          image: { use: 'pretrained-image', from, several: { most: 64, ordered: false } },
        },
        fusion: {
          use: 'flamingo',
          ...{ host: 'text', numAttentionHeads, intermediateSize, hiddenAct, rmsNormEps },
          every: config.crossLayerInterval,
          qkLayerNorms: config.qkLayerNorms,
          gate: config.alphaType === 'float' ? 'scalar' : 'vector',
          unseeing: 'feed-forward',
          ...(config.useResampler && {
            resampler: {
              numLatents: perceiverConfig.resamplerNLatents,
              numHiddenLayers: perceiverConfig.resamplerDepth,
              numAttentionHeads: perceiverConfig.resamplerNHeads,
              headDim: perceiverConfig.resamplerHeadDim,
              hiddenAct: 'relu',
              qkLayerNorms: perceiverConfig.qkLayerNormsPerceiver,
            },
          }),
        },
        heads: { text: writingHead('text', config.tieWordEmbeddings, options) },
      },
      { ...options, savedFile },
    );
  },
  keys: (config) => ideficsKeys(config),
});

/** Python makes as many gated layers as there are whole intervals, and fails in the first pass where layers are left. */
function checkInterval({
  numHiddenLayers,
  crossLayerInterval,
}: Readonly<Record<'numHiddenLayers' | 'crossLayerInterval', number>>): void {
  if (numHiddenLayers % crossLayerInterval === 0) return;
  throw new ConfigError({
    where: 'cross_layer_interval',
    expected: `a divisor of the ${numHiddenLayers} layers`,
    received: String(crossLayerInterval),
  });
}
