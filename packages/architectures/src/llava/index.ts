import { composeModel } from '@polymodal/core';
import { type CamelCased, defineComposedFamily } from '@polymodal/hub';
import type { z } from 'zod';
import { writingHead } from '../language-model/writing-head';
import { visionLanguageRegistry } from '../vision-language-registry';
import { withImageToken } from '../with-image-token';
import { llavaConfig } from './config';
import { llavaKeys } from './keys';

/**
 * LLaVA (Liu et al. 2023): a vision tower of CLIP, whose patches two linear maps bring among the tokens of a Llama or Qwen2. A `Model`
 * of the slots `text` and `image`, the fusion `decoder`, and the head `language-model`, called `text`, which writes as the folder says.
 */
export const llava = defineComposedFamily({
  architectures: { llava: 'LlavaForConditionalGeneration' },
  config: llavaConfig,
  compose: (config, from, options) => {
    const imageToken = config.imageTokenId ?? config.imageTokenIndex;
    const savedFile = withImageToken(options.savedFile, {
      isImage: ({ id }) => id === imageToken,
      expected: `the token ${imageToken}, as image_token_index of config.json says`,
    });
    return composeModel(
      visionLanguageRegistry,
      {
        hiddenSize: config.textConfig.hiddenSize,
        encoders: {
          text: { use: 'pretrained-text', from },
          image: { use: 'pretrained-image', from, several: { most: 64, ordered: false } },
        },
        fusion: {
          use: 'decoder',
          ...{ host: 'text', projectorAct: config.projectorHiddenAct, projectorBias: config.multimodalProjectorBias },
          tokens: {
            image: {
              layer: config.visionFeatureLayer,
              from: config.visionFeatureSelectStrategy === 'default' ? 1 : 0,
            },
          },
        },
        heads: { text: writingHead('text', isTied(config), options) },
      },
      { ...options, savedFile },
    );
  },
  keys: (config) => llavaKeys({ tied: isTied(config) }),
});

/** As in Python, it is enough that one of the two configs says so. */
function isTied({ tieWordEmbeddings, textConfig }: CamelCased<z.output<typeof llavaConfig>>): boolean {
  return tieWordEmbeddings || textConfig.tieWordEmbeddings;
}
