import { ConfigError, composeModel } from '@polymodal/core';
import { siglipText } from '@polymodal/encoder-text/pretrained';
import { siglipVision } from '@polymodal/encoder-vision/pretrained';
import { defineComposedFamily, nestedKeys } from '@polymodal/hub';
import { imageTextRegistry } from '../image-text-registry';
import { siglipConfig } from './config';

/**
 * SigLIP, whole (Zhai et al. 2023): two encoders whose vectors lie in one space by themselves, and a head that judges each pair of
 * picture and text by itself.
 */
export const siglip = defineComposedFamily({
  architectures: { siglip: 'SiglipModel' },
  config: siglipConfig,
  compose: ({ textConfig, visionConfig }, from, options) => {
    checkWidths(textConfig.projectionSize ?? textConfig.hiddenSize, visionConfig);
    return composeModel(
      imageTextRegistry,
      {
        hiddenSize: visionConfig.hiddenSize,
        encoders: { image: { use: 'pretrained-image', from }, text: { use: 'pretrained-text', from } },
        fusion: { use: 'none' },
        heads: { match: { use: 'contrastive', loss: 'sigmoid', projection: 'none', maxScale: null } }, // no bound, as in Python
      },
      options,
    );
  },
  keys: ({ textConfig, visionConfig }) => {
    const text = nestedKeys(siglipText.keys(textConfig), { ours: 'encoders.text.', theirs: 'text_model.' });
    const image = nestedKeys(siglipVision.keys(visionConfig), { ours: 'encoders.image.', theirs: 'vision_model.' });
    return {
      entries: [
        ...text.entries,
        ...image.entries,
        { ours: 'heads.match.logitScale', theirs: 'logit_scale', shape: () => [1] },
        { ours: 'heads.match.logitBias', theirs: 'logit_bias', shape: () => [1] },
      ],
      ignored: [...text.ignored, ...image.ignored],
    };
  },
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
