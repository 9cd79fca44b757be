import type { KeyMap } from '@polymodal/hub';

const layer = 'layers.{i}';

/** The tensors of HF `WhisperEncoder`. */
export const whisperKeys: KeyMap = {
  prefixes: ['model.encoder.', 'encoder.'],
  entries: [
    { ours: 'convolution1.*', theirs: 'conv1.*' },
    { ours: 'convolution2.*', theirs: 'conv2.*' },
    { ours: 'positions', theirs: 'embed_positions.weight' },
    { ours: 'layers.{i}.norm1.*', theirs: `${layer}.self_attn_layer_norm.*` },
    { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.self_attn.q_proj.*` },
    { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.self_attn.k_proj.*` },
    { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.self_attn.v_proj.*` },
    { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.self_attn.out_proj.*` },
    { ours: 'layers.{i}.norm2.*', theirs: `${layer}.final_layer_norm.*` },
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.fc1.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.fc2.*` },
    { ours: 'norm.*', theirs: 'layer_norm.*' },
  ],
  ignored: [
    { theirs: 'model.decoder.**', reason: 'the decoder, which writes the text' },
    { theirs: 'decoder.**', reason: 'the same' },
    { theirs: 'proj_out.weight', reason: 'the head of the decoder' },
    { theirs: 'projector.**', reason: 'the head of a classifier' },
    { theirs: 'classifier.**', reason: 'the same' },
    { theirs: 'layer_weights', reason: 'with which that weighs the layers' },
  ],
};
