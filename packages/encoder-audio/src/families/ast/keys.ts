import type { KeyMap } from '@polymodal/hub';

const layer = 'encoder.layer.{i}';
const inRow = (tokens: readonly number[]) => [1, ...tokens];

/** The tensors of HF `ASTModel`. */
export const astKeys: KeyMap = {
  prefixes: ['audio_spectrogram_transformer.'],
  entries: [
    { ours: 'embeddings.classToken', theirs: 'embeddings.cls_token', shape: inRow },
    { ours: 'embeddings.distillationToken', theirs: 'embeddings.distillation_token', shape: inRow },
    { ours: 'embeddings.positions', theirs: 'embeddings.position_embeddings', shape: inRow },
    { ours: 'embeddings.projection.*', theirs: 'embeddings.patch_embeddings.projection.*' },
    { ours: 'layers.{i}.norm1.*', theirs: `${layer}.layernorm_before.*` },
    { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.attention.attention.query.*` },
    { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.attention.attention.key.*` },
    { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.attention.attention.value.*` },
    { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.attention.output.dense.*` },
    { ours: 'layers.{i}.norm2.*', theirs: `${layer}.layernorm_after.*` },
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.intermediate.dense.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.output.dense.*` },
    { ours: 'norm.*', theirs: 'layernorm.*' },
  ],
  ignored: [{ theirs: 'classifier.**', reason: 'the head of a classifier' }],
};
