import type { KeyMap } from '@polymodal/hub';

const layer = 'encoder.layer.{i}';

/** Attention as ViT and DINOv2 name it. */
export const vitAttentionKeys = [
  { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.attention.attention.query.*` },
  { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.attention.attention.key.*` },
  { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.attention.attention.value.*` },
  { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.attention.output.dense.*` },
];

/** What stands before the layers, as ViT and DINOv2 name it; but for the mask token. */
export const vitEmbeddingKeys = [
  { ours: 'embeddings.classToken', theirs: 'embeddings.cls_token', shape: inRow },
  { ours: 'embeddings.positions', theirs: 'embeddings.position_embeddings', shape: inRow },
  { ours: 'embeddings.projection.*', theirs: 'embeddings.patch_embeddings.projection.*' },
];

/** Tokens as a batch of one row. */
export function inRow(tokens: readonly number[]): readonly number[] {
  return [1, ...tokens];
}

/** The tensors of HF `ViTModel`. */
export const vitKeys: KeyMap = {
  prefixes: ['vit.'],
  entries: [
    ...vitEmbeddingKeys,
    ...vitAttentionKeys,
    { ours: 'layers.{i}.norm1.*', theirs: `${layer}.layernorm_before.*` },
    { ours: 'layers.{i}.norm2.*', theirs: `${layer}.layernorm_after.*` },
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.intermediate.dense.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.output.dense.*` },
    { ours: 'norm.*', theirs: 'layernorm.*' },
    { ours: 'pooler.*', theirs: 'pooler.dense.*' },
  ],
  ignored: [
    { theirs: 'classifier.**', reason: 'the head of a classifier' },
    { theirs: 'decoder.**', reason: 'the head that paints masked patches' },
    { theirs: 'embeddings.mask_token', reason: 'what that head has in their place' },
  ],
};
