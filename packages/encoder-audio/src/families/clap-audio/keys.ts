import type { KeyMap, KeyMapEntry, PlaceInWhole } from '@polymodal/hub';
import { relativePositionIndices } from '@polymodal/nn';
import { batchNormKeys } from '../batch-norm-keys';

const ours = 'stages.{i}.layers.{j}';
const theirs = 'audio_encoder.layers.{i}.blocks.{j}';
const patches = 'audio_encoder.patch_embed';

/** A linear layer that Python has as a convolution of single pixels. */
function pixelwise(ours: string, theirs: string): KeyMapEntry[] {
  return [
    { ours: `${ours}.weight`, theirs: `${theirs}.weight`, shape: ([out, size]) => [out, size, 1, 1] },
    { ours: `${ours}.bias`, theirs: `${theirs}.bias` },
  ];
}

/** @param first which of Python's layers is the first */
function pixelAttention(ours: string, theirs: string, first: number): KeyMapEntry[] {
  return [
    ...pixelwise(`${ours}.down`, `${theirs}.${first}`),
    ...batchNormKeys(`${ours}.downNorm`, `${theirs}.${first + 1}`),
    ...pixelwise(`${ours}.up`, `${theirs}.${first + 3}`),
    ...batchNormKeys(`${ours}.upNorm`, `${theirs}.${first + 4}`),
  ];
}

/** The tensors of HF `ClapAudioModel`. */
export const clapAudioKeys: KeyMap = {
  prefixes: ['audio_model.'],
  entries: [
    ...batchNormKeys('batchNorm', 'audio_encoder.batch_norm'),
    { ours: 'embeddings.projection.*', theirs: `${patches}.proj.*` },
    { ours: 'embeddings.norm.*', theirs: `${patches}.norm.*` },
    { ours: 'embeddings.local.*', theirs: `${patches}.mel_conv2d.*` },
    ...pixelAttention('embeddings.fusion.localAttention', `${patches}.fusion_model.local_att`, 0),
    ...pixelAttention('embeddings.fusion.globalAttention', `${patches}.fusion_model.global_att`, 1), // after the mean
    { ours: `${ours}.norm1.*`, theirs: `${theirs}.layernorm_before.*` },
    { ours: `${ours}.attention.query.*`, theirs: `${theirs}.attention.self.query.*` },
    { ours: `${ours}.attention.key.*`, theirs: `${theirs}.attention.self.key.*` },
    { ours: `${ours}.attention.value.*`, theirs: `${theirs}.attention.self.value.*` },
    { ours: `${ours}.attention.output.*`, theirs: `${theirs}.attention.output.dense.*` },
    {
      ours: `${ours}.relativePositionBias.weight`,
      theirs: `${theirs}.attention.self.relative_position_bias_table`,
      derived: [
        { theirs: `${theirs}.attention.self.relative_position_index`, values: ([size]) => positionIndex(size) },
      ],
    },
    { ours: `${ours}.norm2.*`, theirs: `${theirs}.layernorm_after.*` },
    { ours: `${ours}.feedForward.intermediate.*`, theirs: `${theirs}.intermediate.dense.*` },
    { ours: `${ours}.feedForward.output.*`, theirs: `${theirs}.output.dense.*` },
    { ours: 'stages.{i}.merging.norm.*', theirs: 'audio_encoder.layers.{i}.downsample.norm.*' },
    { ours: 'stages.{i}.merging.reduction.*', theirs: 'audio_encoder.layers.{i}.downsample.reduction.*' },
    { ours: 'norm.*', theirs: 'audio_encoder.norm.*' },
  ],
  ignored: [
    { theirs: 'audio_projection.**', reason: 'the way into the space shared with texts, no part of the tower' },
  ],
};

/** @param size of the table, (2 · side − 1)² */
function positionIndex(size: number) {
  const side = (Math.sqrt(size) + 1) / 2;
  return { shape: [side * side, side * side], data: relativePositionIndices(side) };
}

/** The tower in HF `ClapModel`. */
export const clapAudioInClap: PlaceInWhole = {
  config: 'audio_config',
  modelType: 'clap_audio_model',
  prefix: 'audio_model.',
  ignored: [
    { theirs: 'text_model.**', reason: 'the text tower' },
    { theirs: 'text_projection.**', reason: "the texts' way into the shared space" },
    { theirs: 'audio_projection.**', reason: 'that of sound' },
    { theirs: 'logit_scale_a', reason: 'compares sound with texts' },
    { theirs: 'logit_scale_t', reason: 'compares texts with sound' },
  ],
};
