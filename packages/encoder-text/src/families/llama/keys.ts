import type { KeyMap } from '@polymodal/hub';

/** The tensors of HF `LlamaModel`, which those of `Qwen2Model` share. */
export const llamaKeys: KeyMap = {
  prefixes: ['model.', 'transformer.'], // the second beside a head that marks answers
  entries: [
    { ours: 'tokenEmbeddings.weight', theirs: 'embed_tokens.weight' },
    { ours: 'layers.{i}.norm1.weight', theirs: 'layers.{i}.input_layernorm.weight' },
    { ours: 'layers.{i}.attention.query.*', theirs: 'layers.{i}.self_attn.q_proj.*' },
    { ours: 'layers.{i}.attention.key.*', theirs: 'layers.{i}.self_attn.k_proj.*' },
    { ours: 'layers.{i}.attention.value.*', theirs: 'layers.{i}.self_attn.v_proj.*' },
    { ours: 'layers.{i}.attention.output.*', theirs: 'layers.{i}.self_attn.o_proj.*' },
    { ours: 'layers.{i}.norm2.weight', theirs: 'layers.{i}.post_attention_layernorm.weight' },
    { ours: 'layers.{i}.feedForward.gate.*', theirs: 'layers.{i}.mlp.gate_proj.*' },
    { ours: 'layers.{i}.feedForward.up.*', theirs: 'layers.{i}.mlp.up_proj.*' },
    { ours: 'layers.{i}.feedForward.down.*', theirs: 'layers.{i}.mlp.down_proj.*' },
    { ours: 'norm.weight', theirs: 'norm.weight' },
  ],
  ignored: [
    { theirs: 'layers.{i}.self_attn.rotary_emb.inv_freq', reason: 'a buffer that follows from the config' },
    { theirs: 'rotary_emb.inv_freq', reason: 'a buffer that follows from the config' },
    { theirs: 'lm_head.weight', reason: 'the head that guesses the next token; tied to embed_tokens or its own' },
    { theirs: 'score.**', reason: 'the head of a classifier of texts or tokens' },
    { theirs: 'qa_outputs.**', reason: 'the head that marks answers' },
  ],
};
