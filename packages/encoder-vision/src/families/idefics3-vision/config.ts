import { familyConfig } from '@polymodal/hub';
import { encoderOptions, option } from '../vision-options';

/** config.json of the vision tower of Idefics3 and SmolVLM (HF `Idefics3VisionConfig`). */
export const idefics3VisionConfig = familyConfig(
  {
    ...encoderOptions,
    hidden_size: option.size(1152),
    num_hidden_layers: option.size(12),
    num_attention_heads: option.size(16),
    intermediate_size: option.size(3072),
    hidden_act: option.activation('gelu_pytorch_tanh'),
    attention_dropout: option.rate(0),
    layer_norm_eps: option.positive(1e-6),
    image_size: option.sides(224),
    patch_size: option.sides(32),
    num_channels: option.size(3),
  },
  ['size', 'max_image_size'], // of the image processor, whose own file says them
);
