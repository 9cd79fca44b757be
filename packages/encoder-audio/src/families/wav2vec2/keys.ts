import type { KeyMap, KeyMapEntry } from '@polymodal/hub';

const layer = 'encoder.layers.{i}';
const convolution = 'feature_extractor.conv_layers.{i}';
const positions = 'encoder.pos_conv_embed';

/** The tensors that wav2vec 2.0 and HuBERT name alike. */
export const speechKeys: readonly KeyMapEntry[] = [
  { ours: 'featureEncoder.layers.{i}.convolution.*', theirs: `${convolution}.conv.*` },
  { ours: 'featureEncoder.layers.{i}.norm.*', theirs: `${convolution}.layer_norm.*` },
  { ours: 'featureProjection.norm.*', theirs: 'feature_projection.layer_norm.*' },
  { ours: 'featureProjection.projection.*', theirs: 'feature_projection.projection.*' },
  { ours: 'specAugment.maskedSpecEmbed', theirs: 'masked_spec_embed' },
  {
    ours: 'positions.convolution.weightG',
    theirs: `${positions}.conv.parametrizations.weight.original0`,
    formerly: `${positions}.conv.weight_g`,
  },
  {
    ours: 'positions.convolution.weightV',
    theirs: `${positions}.conv.parametrizations.weight.original1`,
    formerly: `${positions}.conv.weight_v`,
  },
  { ours: 'positions.convolution.bias', theirs: `${positions}.conv.bias` },
  { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.attention.q_proj.*` },
  { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.attention.k_proj.*` },
  { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.attention.v_proj.*` },
  { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.attention.out_proj.*` },
  { ours: 'layers.{i}.norm1.*', theirs: `${layer}.layer_norm.*` },
  { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.feed_forward.intermediate_dense.*` },
  { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.feed_forward.output_dense.*` },
  { ours: 'layers.{i}.norm2.*', theirs: `${layer}.final_layer_norm.*` },
  { ours: 'norm.*', theirs: 'encoder.layer_norm.*' },
];

/** Heads of both. */
export const speechHeads = [
  { theirs: 'lm_head.**', reason: 'the head that writes letters' },
  { theirs: 'projector.**', reason: 'the head of a classifier' },
  { theirs: 'classifier.**', reason: 'the same' },
  { theirs: 'layer_weights', reason: 'with which that weighs the layers' },
];

/** What stands in the place of masked frames, of a model that masks none. */
export const unusedMask = { theirs: 'masked_spec_embed', reason: 'no frames are masked' };

/** The tensors of HF `Wav2Vec2Model`. */
export const wav2vec2Keys = (masks: boolean): KeyMap => ({
  prefixes: ['wav2vec2.'],
  entries: [
    ...speechKeys,
    { ours: 'attentionAdapters.{i}.norm.*', theirs: `${layer}.adapter_layer.norm.*` },
    { ours: 'attentionAdapters.{i}.down.*', theirs: `${layer}.adapter_layer.linear_1.*` },
    { ours: 'attentionAdapters.{i}.up.*', theirs: `${layer}.adapter_layer.linear_2.*` },
    { ours: 'adapter.projection.*', theirs: 'adapter.proj.*' },
    { ours: 'adapter.norm.*', theirs: 'adapter.proj_layer_norm.*' },
    { ours: 'adapter.layers.{i}.*', theirs: 'adapter.layers.{i}.conv.*' },
  ],
  ignored: [
    ...speechHeads,
    ...(masks ? [] : [unusedMask]),
    { theirs: 'quantizer.**', reason: 'what pre-training compares with' },
    { theirs: 'project_hid.**', reason: 'the same' },
    { theirs: 'project_q.**', reason: 'the same' },
    { theirs: 'tdnn.**', reason: 'the head that tells speakers apart' },
    { theirs: 'feature_extractor.*', reason: 'the same' },
    { theirs: 'objective.**', reason: 'the same, in training' },
  ],
});
