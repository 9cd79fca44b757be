import type { KeyMap } from '@polymodal/hub';

/** The tensors of HF `GPT2Model`, whose linear layers are `Conv1D`: weights stand [in, out], queries, keys and values in one. */
export const gpt2Keys: KeyMap = {
  prefixes: ['transformer.'],
  entries: [
    { ours: 'tokenEmbeddings.weight', theirs: 'wte.weight' },
    { ours: 'positionEmbeddings.weight', theirs: 'wpe.weight' },
    { ours: 'layers.{i}.norm1.*', theirs: 'h.{i}.ln_1.*' },
    { ours: joined('weight'), theirs: 'h.{i}.attn.c_attn.weight', transpose: true },
    { ours: joined('bias'), theirs: 'h.{i}.attn.c_attn.bias' },
    { ours: 'layers.{i}.attention.output.weight', theirs: 'h.{i}.attn.c_proj.weight', transpose: true },
    { ours: 'layers.{i}.attention.output.bias', theirs: 'h.{i}.attn.c_proj.bias' },
    { ours: 'layers.{i}.norm2.*', theirs: 'h.{i}.ln_2.*' },
    { ours: 'layers.{i}.feedForward.intermediate.weight', theirs: 'h.{i}.mlp.c_fc.weight', transpose: true },
    { ours: 'layers.{i}.feedForward.intermediate.bias', theirs: 'h.{i}.mlp.c_fc.bias' },
    { ours: 'layers.{i}.feedForward.output.weight', theirs: 'h.{i}.mlp.c_proj.weight', transpose: true },
    { ours: 'layers.{i}.feedForward.output.bias', theirs: 'h.{i}.mlp.c_proj.bias' },
    { ours: 'norm.*', theirs: 'ln_f.*' },
  ],
  ignored: [
    { theirs: 'h.{i}.attn.bias', reason: 'a buffer: the causal mask' },
    { theirs: 'h.{i}.attn.masked_bias', reason: 'a buffer: the logit of what is masked' },
    { theirs: 'lm_head.weight', reason: 'the head that guesses the next token, tied to wte' },
    { theirs: 'score.**', reason: 'the head of a classifier' },
    { theirs: 'classifier.**', reason: 'the head that labels tokens' },
    { theirs: 'qa_outputs.**', reason: 'the head that marks answers' },
    { theirs: 'multiple_choice_head.**', reason: 'the head that chooses between texts' },
  ],
};

function joined(part: 'weight' | 'bias'): string[] {
  return ['query', 'key', 'value'].map((projection) => `layers.{i}.attention.${projection}.${part}`);
}
