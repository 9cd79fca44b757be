import { createFromConfig } from '@polymodal/hub';
import { expect, it } from 'vitest';
import { textFamilies } from '.';

const bert = {
  architectures: ['BertForMaskedLM'],
  attention_probs_dropout_prob: 0.1,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0.1,
  hidden_size: 768,
  initializer_range: 0.02,
  intermediate_size: 3072,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 512,
  model_type: 'bert',
  num_attention_heads: 12,
  num_hidden_layers: 12,
  pad_token_id: 0,
  type_vocab_size: 2,
  vocab_size: 30522,
};
const roberta = {
  ...bert,
  model_type: 'roberta',
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 1,
  type_vocab_size: 1,
};
const llama = {
  architectures: ['LlamaForCausalLM'],
  bos_token_id: 1,
  eos_token_id: 2,
  hidden_act: 'silu',
  initializer_range: 0.02,
  model_type: 'llama',
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  use_cache: true,
};

/**
 * With the options that config.json of the models has as they were published; the numbers of parameters are those of the base
 * models of transformers (`AutoModel.from_config(…).num_parameters()`).
 */
it.each<[string, { model_type: string } & Record<string, unknown>, number]>([
  ['bert-base-uncased', { ...bert, gradient_checkpointing: false, position_embedding_type: 'absolute' }, 109_482_240],
  [
    'bert-base-multilingual-cased',
    {
      ...bert,
      vocab_size: 119547,
      directionality: 'bidi',
      pooler_fc_size: 768,
      pooler_num_attention_heads: 12,
      pooler_num_fc_layers: 3,
      pooler_size_per_head: 128,
      pooler_type: 'first_token_transform',
    },
    177_853_440,
  ],
  ['roberta-base', { ...roberta, layer_norm_eps: 1e-5, max_position_embeddings: 514, vocab_size: 50265 }, 124_645_632],
  [
    'xlm-roberta-base',
    {
      ...roberta,
      model_type: 'xlm-roberta',
      layer_norm_eps: 1e-5,
      max_position_embeddings: 514,
      output_past: true,
      vocab_size: 250002,
    },
    278_043_648,
  ],
  [
    'gpt2',
    {
      activation_function: 'gelu_new',
      architectures: ['GPT2LMHeadModel'],
      attn_pdrop: 0.1,
      embd_pdrop: 0.1,
      layer_norm_epsilon: 1e-5,
      model_type: 'gpt2',
      n_ctx: 1024,
      n_embd: 768,
      n_head: 12,
      n_layer: 12,
      n_positions: 1024,
      resid_pdrop: 0.1,
      summary_type: 'cls_index',
      summary_first_dropout: 0.1,
      task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
      vocab_size: 50257,
    },
    124_439_808,
  ],
  [
    'Llama 3.1, 8 B',
    {
      ...llama,
      attention_bias: false,
      attention_dropout: 0,
      eos_token_id: [128001, 128008, 128009],
      hidden_size: 4096,
      intermediate_size: 14336,
      max_position_embeddings: 131072,
      mlp_bias: false,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      pretraining_tp: 1,
      rope_scaling: {
        factor: 8,
        high_freq_factor: 4,
        low_freq_factor: 1,
        original_max_position_embeddings: 8192,
        rope_type: 'llama3',
      },
      rope_theta: 500000,
      vocab_size: 128256,
    },
    7_504_924_672,
  ],
  [
    'Qwen2.5, 0.5 B',
    {
      ...llama,
      model_type: 'qwen2',
      attention_dropout: 0,
      hidden_size: 896,
      intermediate_size: 4864,
      max_position_embeddings: 32768,
      max_window_layers: 24,
      num_attention_heads: 14,
      num_hidden_layers: 24,
      num_key_value_heads: 2,
      rope_theta: 1000000,
      sliding_window: 32768,
      tie_word_embeddings: true,
      use_mrope: false,
      use_sliding_window: false,
      vocab_size: 151936,
    },
    494_032_768,
  ],
])('takes the options of %s, and has as many parameters', (_, config, expected) => {
  const { model } = createFromConfig(textFamilies, config);
  const sizes = [...model.parameters().values()].map(({ size }) => size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(expected);
});
