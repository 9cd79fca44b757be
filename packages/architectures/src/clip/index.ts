import { composeModel } from '@polymodal/core';
import { clipText } from '@polymodal/encoder-text/pretrained';
import { clipVision } from '@polymodal/encoder-vision/pretrained';
import { type CamelCased, defineComposedFamily, nestedKeys } from '@polymodal/hub';
import type { z } from 'zod';
import { imageTextRegistry } from '../image-text-registry';
import { clipConfig } from './config';

/** CLIP, whole (Radford et al. 2021): two encoders, and a head that chooses among all texts, or all pictures. */
export const clip = defineComposedFamily({
  architectures: { clip: 'CLIPModel' },
  config: clipConfig,
  compose: ({ projectionDim, logitScaleInitValue }, from, options) =>
    composeModel(
      imageTextRegistry,
      {
        hiddenSize: projectionDim,
        encoders: { image: { use: 'pretrained-image', from }, text: { use: 'pretrained-text', from } },
        fusion: { use: 'none' },
        heads: {
          match: {
            use: 'contrastive',
            embeddingSize: projectionDim,
            temperature: Math.exp(-logitScaleInitValue),
            maxScale: null, // as in Python
          },
        },
      },
      options,
    ),
  keys: (config) => {
    const { text, image } = towersOf(config);
    const textKeys = nestedKeys(clipText.keys(text), { ours: 'encoders.text.', theirs: 'text_model.' });
    const imageKeys = nestedKeys(clipVision.keys(image), { ours: 'encoders.image.', theirs: 'vision_model.' });
    return {
      entries: [
        ...textKeys.entries,
        ...imageKeys.entries,
        { ours: 'heads.match.projections.text.weight', theirs: 'text_projection.weight' },
        { ours: 'heads.match.projections.image.weight', theirs: 'visual_projection.weight' },
        { ours: 'heads.match.logitScale', theirs: 'logit_scale' },
      ],
      ignored: [...textKeys.ignored, ...imageKeys.ignored],
    };
  },
});

/** As in Python, an older option has a whole config where there is one. */
function towersOf({ textConfig, textConfigDict, visionConfig, visionConfigDict }: ClipConfig) {
  return { text: textConfigDict ?? textConfig, image: visionConfigDict ?? visionConfig };
}

type ClipConfig = CamelCased<z.output<typeof clipConfig>>;
