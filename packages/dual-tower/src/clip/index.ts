import { clipText } from '@polymodal/encoder-text/pretrained';
import { clipVision } from '@polymodal/encoder-vision/pretrained';
import { type CamelCased, defineFamily, nestedKeys } from '@polymodal/hub';
import { Linear, normal } from '@polymodal/nn';
import type { z } from 'zod';
import { DualTower } from '../dual-tower';
import { clipConfig } from './config';

/** CLIP, whole. */
export const clip = defineFamily({
  architectures: { clip: 'CLIPModel' },
  config: clipConfig,
  build: (config, stored) => {
    const { text, image } = towersOf(config);
    const projection = (width: number) =>
      new Linear(width, config.projectionDim, { bias: false, initializer: normal(width ** -0.5) });
    return new DualTower<'image'>({
      encoders: { image: clipVision.build(image, stored), text: clipText.build(text, stored) },
      projections: { image: projection(image.hiddenSize), text: projection(text.hiddenSize) },
      logitScale: config.logitScaleInitValue,
      pairing: 'softmax',
    });
  },
  keys: (config) => {
    const { text, image } = towersOf(config);
    const textKeys = nestedKeys(clipText.keys(text), { ours: 'encoders.text.', theirs: 'text_model.' });
    const imageKeys = nestedKeys(clipVision.keys(image), { ours: 'encoders.image.', theirs: 'vision_model.' });
    return {
      entries: [
        ...textKeys.entries,
        ...imageKeys.entries,
        { ours: 'projections.text.weight', theirs: 'text_projection.weight' },
        { ours: 'projections.image.weight', theirs: 'visual_projection.weight' },
        { ours: 'logitScale', theirs: 'logit_scale' },
      ],
      ignored: [...textKeys.ignored, ...imageKeys.ignored],
    };
  },
  processor: (files, config) => {
    const { text, image } = towersOf(config);
    return { image: clipVision.processor?.(files, image), text: clipText.processor?.(files, text) };
  },
});

/** As in Python, an older option has a whole config where there is one. */
function towersOf({ textConfig, textConfigDict, visionConfig, visionConfigDict }: ClipConfig) {
  return { text: textConfigDict ?? textConfig, image: visionConfigDict ?? visionConfig };
}

type ClipConfig = CamelCased<z.output<typeof clipConfig>>;
