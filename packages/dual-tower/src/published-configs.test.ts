import { createFromConfig, type Family } from '@polymodal/hub';
import { describe, expect, it } from 'vitest';
import { audioTextFamilies } from './audio-text';
import { imageTextFamilies } from './image-text';

/** What transformers 4 wrote into each config within another, whatever the model. */
const inFull = {
  _name_or_path: '',
  add_cross_attention: false,
  architectures: null,
  bad_words_ids: null,
  begin_suppress_tokens: null,
  chunk_size_feed_forward: 0,
  cross_attention_hidden_size: null,
  decoder_start_token_id: null,
  diversity_penalty: 0,
  do_sample: false,
  early_stopping: false,
  encoder_no_repeat_ngram_size: 0,
  exponential_decay_length_penalty: null,
  finetuning_task: null,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  id2label: { 0: 'LABEL_0', 1: 'LABEL_1' },
  initializer_factor: 1,
  initializer_range: 0.02,
  is_decoder: false,
  is_encoder_decoder: false,
  label2id: { LABEL_0: 0, LABEL_1: 1 },
  layer_norm_eps: 1e-5,
  length_penalty: 1,
  max_length: 20,
  min_length: 0,
  no_repeat_ngram_size: 0,
  num_beam_groups: 1,
  num_beams: 1,
  num_return_sequences: 1,
  output_attentions: false,
  output_hidden_states: false,
  output_scores: false,
  prefix: null,
  problem_type: null,
  pruned_heads: {},
  remove_invalid_values: false,
  repetition_penalty: 1,
  return_dict: true,
  return_dict_in_generate: false,
  sep_token_id: null,
  suppress_tokens: null,
  task_specific_params: null,
  temperature: 1,
  tf_legacy_loss: false,
  tie_encoder_decoder: false,
  tie_word_embeddings: true,
  tokenizer_class: null,
  top_k: 50,
  top_p: 1,
  torch_dtype: null,
  torchscript: false,
  transformers_version: '4.24.0',
  typical_p: 1,
  use_bfloat16: false,
};
const clipText = {
  ...inFull,
  model_type: 'clip_text_model',
  attention_dropout: 0,
  bos_token_id: 0,
  dropout: 0,
  eos_token_id: 2,
  hidden_act: 'quick_gelu',
  hidden_size: 512,
  intermediate_size: 2048,
  max_position_embeddings: 77,
  num_attention_heads: 8,
  num_hidden_layers: 12,
  pad_token_id: 1,
  projection_dim: 512,
  vocab_size: 49408,
};
const clipVision = {
  ...inFull,
  model_type: 'clip_vision_model',
  attention_dropout: 0,
  dropout: 0,
  hidden_act: 'quick_gelu',
  hidden_size: 768,
  image_size: 224,
  intermediate_size: 3072,
  num_attention_heads: 12,
  num_channels: 3,
  num_hidden_layers: 12,
  patch_size: 32,
  projection_dim: 512,
};
const clip = {
  _commit_hash: null,
  architectures: ['CLIPModel'],
  initializer_factor: 1,
  logit_scale_init_value: 2.6592,
  model_type: 'clip',
  projection_dim: 512,
  torch_dtype: 'float32',
  transformers_version: null,
};
const large = {
  text: {
    hidden_size: 768,
    intermediate_size: 3072,
    num_attention_heads: 12,
    num_hidden_layers: 12,
    projection_dim: 768,
  },
  vision: {
    ...{ hidden_size: 1024, intermediate_size: 4096, num_attention_heads: 16, num_hidden_layers: 24 },
    ...{ patch_size: 14, projection_dim: 768 },
  },
};
const siglip = {
  architectures: ['SiglipModel'],
  initializer_factor: 1,
  model_type: 'siglip',
  transformers_version: '4.37.0.dev0',
};
const clapAudio = {
  ...inFull,
  ...{ model_type: 'clap_audio_model', aff_block_r: 4, attention_probs_dropout_prob: 0, depths: [2, 2, 6, 2] },
  ...{ drop_path_rate: 0, enable_fusion: false, enable_patch_fusion: true, enable_patch_layer_norm: true },
  ...{ flatten_patch_embeds: true, fusion_num_hidden_layers: 2, fusion_type: null, hidden_act: 'gelu' },
  ...{ hidden_dropout_prob: 0.1, hidden_size: 768, mlp_ratio: 4, num_attention_heads: [4, 8, 16, 32] },
  ...{ num_classes: 527, num_hidden_layers: 4, num_mel_bins: 64, patch_embed_input_channels: 1 },
  ...{ patch_embeds_hidden_size: 96, patch_size: 4, patch_stride: [4, 4], projection_dim: 512 },
  ...{ projection_hidden_act: 'relu', projection_hidden_size: 768, qkv_bias: true, spec_size: 256, window_size: 8 },
};
const clapText = {
  ...inFull,
  ...{ model_type: 'clap_text_model', attention_probs_dropout_prob: 0.1, bos_token_id: 0, classifier_dropout: null },
  ...{ eos_token_id: 2, fusion_hidden_act: 'relu', fusion_num_hidden_layers: 2, hidden_act: 'gelu' },
  ...{ hidden_dropout_prob: 0.1, hidden_size: 768, intermediate_size: 3072, layer_norm_eps: 1e-12 },
  ...{ max_position_embeddings: 514, num_attention_heads: 12, num_hidden_layers: 12, pad_token_id: 1 },
  ...{ position_embedding_type: 'absolute', projection_dim: 512, projection_hidden_act: 'relu' },
  ...{ projection_hidden_size: 768, type_vocab_size: 1, use_cache: true, vocab_size: 50265 },
};
const clap = {
  ...{ _commit_hash: null, architectures: ['ClapModel'], hidden_size: 768, initializer_factor: 1, model_type: 'clap' },
  ...{ logit_scale_init_value: 14.285714285714285, num_hidden_layers: 16, projection_dim: 512 },
  ...{ projection_hidden_act: 'relu', text_config: clapText, torch_dtype: 'float32', transformers_version: null },
};
const larger = { depths: [2, 2, 12, 2], hidden_size: 1024, patch_embeds_hidden_size: 128 };
const so400m = { hidden_size: 1152, intermediate_size: 4304, num_attention_heads: 16, num_hidden_layers: 27 };

/**
 * With the options that config.json of the models has as they were published; the numbers of parameters are those of
 * transformers (`num_parameters()` of `CLIPModel`, `SiglipModel` and `ClapModel`).
 */
it.each<[string, { model_type: string } & Record<string, unknown>, number]>([
  [
    'CLIP ViT-B/32',
    { ...clip, text_config: clipText, text_config_dict: null, vision_config: clipVision, vision_config_dict: null },
    151_277_313,
  ],
  [
    'CLIP ViT-L/14, whose older configs count',
    {
      ...clip,
      projection_dim: 768,
      text_config: { ...clipText, ...large.text },
      text_config_dict: large.text,
      vision_config: { ...clipVision, ...large.vision },
      vision_config_dict: large.vision,
    },
    427_616_513,
  ],
  [
    'SigLIP base',
    {
      ...siglip,
      text_config: { model_type: 'siglip_text_model' },
      torch_dtype: 'float32',
      vision_config: { model_type: 'siglip_vision_model' },
    },
    203_155_970,
  ],
  [
    'SigLIP so400m, 384 pixels',
    {
      ...siglip,
      text_config: { ...so400m, model_type: 'siglip_text_model', vocab_size: 32000 },
      vision_config: { ...so400m, image_size: 384, model_type: 'siglip_vision_model', patch_size: 14 },
    },
    877_960_498,
  ],
  [
    'SigLIP 2 base, of one size',
    {
      ...siglip,
      text_config: { model_type: 'siglip_text_model', projection_size: 768, vocab_size: 256000 },
      vision_config: { model_type: 'siglip_vision_model' },
    },
    375_187_970,
  ],
  ['CLAP', { ...clap, audio_config: clapAudio }, 153_492_890],
  ['CLAP with fusion', { ...clap, audio_config: { ...clapAudio, enable_fusion: true } }, 153_507_530],
  ['the larger CLAP', { ...clap, audio_config: { ...clapAudio, ...larger } }, 193_913_882],
])('takes the options of %s, and has as many parameters', (_, config, expected) => {
  const { model } = createFromConfig<Family>([...imageTextFamilies, ...audioTextFamilies], config);
  const parameters = [...model.parameters().values()].filter(({ trainable }) => trainable); // Python does not count buffers
  expect(parameters.reduce((sum, { size }) => sum + size, 0)).toBe(expected);
});

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
