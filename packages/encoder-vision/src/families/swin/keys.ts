import type { KeyMap } from '@polymodal/hub';
import { inRow } from '../vit/keys';

const ours = 'stages.{i}.layers.{j}';
const theirs = 'encoder.layers.{i}.blocks.{j}';

/** The tensors of HF `SwinModel`. */
export const swinKeys: KeyMap = {
  prefixes: ['swin.'],
  entries: [
    { ours: 'embeddings.projection.*', theirs: 'embeddings.patch_embeddings.projection.*' },
    { ours: 'embeddings.norm.*', theirs: 'embeddings.norm.*' },
    { ours: 'embeddings.positions', theirs: 'embeddings.position_embeddings', shape: inRow },
    { ours: `${ours}.norm1.*`, theirs: `${theirs}.layernorm_before.*` },
    { ours: `${ours}.attention.query.*`, theirs: `${theirs}.attention.self.query.*` },
    { ours: `${ours}.attention.key.*`, theirs: `${theirs}.attention.self.key.*` },
    { ours: `${ours}.attention.value.*`, theirs: `${theirs}.attention.self.value.*` },
    { ours: `${ours}.attention.output.*`, theirs: `${theirs}.attention.output.dense.*` },
    {
      ours: `${ours}.relativePositionBias.weight`,
      theirs: `${theirs}.attention.self.relative_position_bias_table`,
    },
    { ours: `${ours}.norm2.*`, theirs: `${theirs}.layernorm_after.*` },
    { ours: `${ours}.feedForward.intermediate.*`, theirs: `${theirs}.intermediate.dense.*` },
    { ours: `${ours}.feedForward.output.*`, theirs: `${theirs}.output.dense.*` },
    { ours: 'stages.{i}.merging.norm.*', theirs: 'encoder.layers.{i}.downsample.norm.*' },
    { ours: 'stages.{i}.merging.reduction.*', theirs: 'encoder.layers.{i}.downsample.reduction.*' },
    { ours: 'norm.*', theirs: 'layernorm.*' },
  ],
  ignored: [
    {
      theirs: `${theirs}.attention.self.relative_position_index`,
      reason: 'a buffer that follows from the size of the windows',
    },
    { theirs: 'classifier.**', reason: 'the head of a classifier' },
    { theirs: 'hidden_states_norms.**', reason: 'of a backbone, which normalises what each stage gives to a detector' },
    { theirs: 'decoder.**', reason: 'the head that paints masked patches' },
    { theirs: 'embeddings.mask_token', reason: 'what that head has in their place' },
  ],
};
