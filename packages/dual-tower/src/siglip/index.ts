import { ConfigError } from '@polymodal/core';
import { siglipText } from '@polymodal/encoder-text/pretrained';
import { siglipVision } from '@polymodal/encoder-vision/pretrained';
import { defineFamily, nestedKeys } from '@polymodal/hub';
import { DualTower } from '../dual-tower';
import { siglipConfig } from './config';

/** SigLIP, whole. Its towers end in the shared space by themselves. */
export const siglip = defineFamily({
  architectures: { siglip: 'SiglipModel' },
  config: siglipConfig,
  build: ({ textConfig, visionConfig }, stored) => {
    checkWidths(textConfig.projectionSize ?? textConfig.hiddenSize, visionConfig);
    return new DualTower<'image'>({
      encoders: { image: siglipVision.build(visionConfig, stored), text: siglipText.build(textConfig, stored) },
      logitScale: Math.log(10), // of a new model: Zhai et al. 2023, section 3.2
      logitBias: -10,
      pairing: 'sigmoid',
    });
  },
  keys: ({ textConfig, visionConfig }) => {
    const text = nestedKeys(siglipText.keys(textConfig), { ours: 'encoders.text.', theirs: 'text_model.' });
    const image = nestedKeys(siglipVision.keys(visionConfig), { ours: 'encoders.image.', theirs: 'vision_model.' });
    return {
      entries: [
        ...text.entries,
        ...image.entries,
        { ours: 'logitScale', theirs: 'logit_scale', shape: () => [1] },
        { ours: 'logitBias', theirs: 'logit_bias', shape: () => [1] },
      ],
      ignored: [...text.ignored, ...image.ignored],
    };
  },
  processor: (files, { textConfig, visionConfig }) => ({
    image: siglipVision.processor?.(files, visionConfig),
    text: siglipText.processor?.(files, textConfig),
  }),
});

/** @throws ConfigError for towers whose vectors cannot be compared */
function checkWidths(
  textWidth: number,
  { hiddenSize, visionUseHead }: { readonly hiddenSize: number; readonly visionUseHead: boolean },
): void {
  if (!visionUseHead) {
    const where = 'vision_config.vision_use_head';
    throw new ConfigError({ where, expected: 'true: without it a picture has no vector in Python', received: 'false' });
  }
  if (textWidth === hiddenSize) return;
  throw new ConfigError({
    where: 'text_config.projection_size',
    expected: `the width of the pictures' vectors, ${hiddenSize}`,
    received: String(textWidth),
  });
}
