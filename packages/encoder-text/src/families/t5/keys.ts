import type { KeyMap, KeyMapEntry } from '@polymodal/hub';

/**
 * The tensors of the parts that a layer of either half of T5 has.
 *
 * @param stack       `encoder.`
 * @param feedForward the place of its feed-forward network among its parts
 */
export function t5LayerKeys(stack: string, feedForward: number): readonly KeyMapEntry[] {
  const [first, last] = [`${stack}block.{i}.layer.0`, `${stack}block.{i}.layer.${feedForward}`];
  return [
    { ours: 'positionBias.weight', theirs: `${stack}block.0.layer.0.SelfAttention.relative_attention_bias.weight` },
    { ours: 'layers.{i}.norm1.weight', theirs: `${first}.layer_norm.weight` },
    ...t5AttentionKeys('attention', `${first}.SelfAttention`),
    { ours: 'layers.{i}.norm2.weight', theirs: `${last}.layer_norm.weight` },
    { ours: 'layers.{i}.feedForward.gate.weight', theirs: `${last}.DenseReluDense.wi_0.weight` },
    { ours: 'layers.{i}.feedForward.up.weight', theirs: `${last}.DenseReluDense.wi_1.weight` },
    { ours: 'layers.{i}.feedForward.down.weight', theirs: `${last}.DenseReluDense.wo.weight` },
    { ours: 'layers.{i}.feedForward.intermediate.weight', theirs: `${last}.DenseReluDense.wi.weight` },
    { ours: 'layers.{i}.feedForward.output.weight', theirs: `${last}.DenseReluDense.wo.weight` },
    { ours: 'norm.weight', theirs: `${stack}final_layer_norm.weight` },
  ];
}

/** The tensors of an attention within a layer. */
export function t5AttentionKeys(ours: string, theirs: string): readonly KeyMapEntry[] {
  return Object.entries({ query: 'q', key: 'k', value: 'v', output: 'o' }).map(([own, name]) => ({
    ours: `layers.{i}.${ours}.${own}.weight`,
    theirs: `${theirs}.${name}.weight`,
  }));
}

/** The tensors of HF `T5EncoderModel`. */
export const t5Keys: KeyMap = {
  entries: [{ ours: 'tokenEmbeddings.weight', theirs: 'shared.weight' }, ...t5LayerKeys('encoder.', 1)],
  ignored: [
    { theirs: 'encoder.embed_tokens.weight', reason: 'a copy of shared.weight' },
    { theirs: 'decoder.**', reason: 'the other half of an encoder–decoder' },
    { theirs: 'lm_head.weight', reason: 'the head that guesses the next token' },
  ],
};
