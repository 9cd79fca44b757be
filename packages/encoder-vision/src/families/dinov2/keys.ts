import type { KeyMap } from '@polymodal/hub';
import { inRow, vitAttentionKeys, vitEmbeddingKeys } from '../vit/keys';

const layer = 'encoder.layer.{i}';

/** The tensors of HF `Dinov2Model` and `Dinov2WithRegistersModel`. */
export const dinov2Keys: KeyMap = {
  prefixes: ['dinov2.', 'dinov2_with_registers.'],
  entries: [
    ...vitEmbeddingKeys,
    { ours: 'embeddings.maskToken', theirs: 'embeddings.mask_token' },
    { ours: 'embeddings.registerTokens', theirs: 'embeddings.register_tokens', shape: inRow },
    ...vitAttentionKeys,
    { ours: 'layers.{i}.norm1.*', theirs: `${layer}.norm1.*` },
    { ours: 'layers.{i}.scale1.weight', theirs: `${layer}.layer_scale1.lambda1` },
    { ours: 'layers.{i}.norm2.*', theirs: `${layer}.norm2.*` },
    { ours: 'layers.{i}.scale2.weight', theirs: `${layer}.layer_scale2.lambda1` },
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.mlp.fc1.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.mlp.fc2.*` },
    {
      ours: ['layers.{i}.feedForward.gate.*', 'layers.{i}.feedForward.up.*'],
      theirs: `${layer}.mlp.weights_in.*`,
    },
    { ours: 'layers.{i}.feedForward.down.*', theirs: `${layer}.mlp.weights_out.*` },
    { ours: 'norm.*', theirs: 'layernorm.*' },
  ],
  ignored: [{ theirs: 'classifier.**', reason: 'the head of a classifier' }],
};
