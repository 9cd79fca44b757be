import { createFromConfig } from '@polymodal/hub';
import { describePublishedModels } from '@polymodal/testing/family';
import { describe, expect, it } from 'vitest';
import { audioTextFamilies } from './audio-text';
import { imageTextFamilies } from './image-text';
import { idefics3, llava } from './vision-language';

const families = [...imageTextFamilies, ...audioTextFamilies, llava, idefics3];
const published = describePublishedModels(families, new URL('../fixtures/published-configs.json', import.meta.url));
const [clip, siglip] = ['CLIP ViT-B/32', 'SigLIP base'].map(
  (wanted) => published.find(({ name }) => name === wanted)!.config,
);

describe('refuses by name', () => {
  it.each<[{ model_type: string } & Record<string, unknown>, RegExp]>([
    [{ ...clip, text_config: { hiden_size: 8 } }, /config\.json, text_config: .*"hiden_size"/],
    [{ ...clip, vision_config: { hidden_act: 'mish' } }, /config\.json, vision_config\.hidden_act: .*"mish"/],
    [{ ...clip, text_config: { is_decoder: true } }, /text_config\.is_decoder: expected false, received true/],
    [{ ...clip, text_config: { eos_token_id: [1, 2] } }, /text_config\.eos_token_id/],
    [{ ...clip, projection_dims: 512 }, /config\.json: .*projection_dims.*projection_dim/],
    [
      { ...siglip, vision_config: { hidden_size: 384, num_attention_heads: 6 } },
      /text_config\.projection_size: expected the width of the pictures' vectors, 384, received 768/,
    ],
    [{ ...siglip, vision_config: { vision_use_head: false } }, /vision_config\.vision_use_head: .*received false/],
  ])('%j', (config, message) => {
    expect(() => createFromConfig(imageTextFamilies, config)).toThrow(message);
  });
});
