import { llama, withAdditionalTokens } from '@polymodal/encoder-text/pretrained';
import { clipVision } from '@polymodal/encoder-vision/pretrained';
import { type ConfigOf, type KeyMap, type KeyMapEntry, nestedKeys } from '@polymodal/hub';

/** What the tensors of an Idefics depend on. */
export interface IdeficsSizes {
  readonly vocabSize: number;
  readonly additionalVocabSize: number;
  readonly alphaType: 'float' | 'vector';
  readonly tieWordEmbeddings: boolean;
}

/** The tensors of HF `IdeficsForVisionText2Text`. */
export function ideficsKeys(sizes: IdeficsSizes): KeyMap {
  // The tensors of both depend on nothing that their configs say.
  const ofText = withAdditionalTokens(llama.keys({} as ConfigOf<typeof llama>), sizes);
  const ofVision = clipVision.keys({} as ConfigOf<typeof clipVision>);
  const text = nestedKeys(ofText, { ours: 'encoders.text.', theirs: 'model.' });
  const vision = nestedKeys(ofVision, { ours: 'encoders.image.each.', theirs: 'model.vision_model.' });
  const resampler = nestedKeys(resamplerKeys, {
    ours: 'fusion.resamplers.image.',
    theirs: 'model.perceiver_resampler.',
  });
  const gated = nestedKeys(gatedKeys(sizes), {
    ours: 'fusion.layers.{i}.',
    theirs: 'model.gated_cross_attn_layers.{i}.',
  });
  return {
    entries: [...text.entries, ...vision.entries, ...resampler.entries, ...gated.entries, ...headKeys(sizes)],
    ignored: [
      ...text.ignored,
      ...vision.ignored,
      ...gated.ignored,
      ...(sizes.tieWordEmbeddings
        ? [{ theirs: 'lm_head.**', reason: 'tied to the token embeddings by the config' }]
        : []),
    ],
  };
}

const block = 'blocks.{i}.0';

const resamplerKeys: KeyMap = {
  entries: [
    { ours: 'latents', theirs: 'latents', shape: ([, count, width]) => [count, width] },
    { ours: 'layers.{i}.attention.tokenNorm.*', theirs: `${block}.context_layer_norm.*` },
    { ours: 'layers.{i}.attention.latentNorm.*', theirs: `${block}.latents_layer_norm.*` },
    { ours: 'layers.{i}.attention.query.weight', theirs: `${block}.q_proj.weight` },
    { ours: 'layers.{i}.attention.key.weight', theirs: `${block}.k_proj.weight` },
    { ours: 'layers.{i}.attention.value.weight', theirs: `${block}.v_proj.weight` },
    { ours: 'layers.{i}.attention.output.weight', theirs: `${block}.output_proj.weight` },
    { ours: 'layers.{i}.attention.queryNorm.*', theirs: `${block}.q_layer_norm.*` },
    { ours: 'layers.{i}.attention.keyNorm.*', theirs: `${block}.k_layer_norm.*` },
    { ours: 'layers.{i}.norm.*', theirs: 'blocks.{i}.1.ln.*' },
    { ours: 'layers.{i}.intermediate.weight', theirs: 'blocks.{i}.1.fc.weight' },
    { ours: 'layers.{i}.output.weight', theirs: 'blocks.{i}.1.c_proj.weight' },
    { ours: 'norm.*', theirs: 'layer_norm.*' },
  ],
};

function gatedKeys({ alphaType }: IdeficsSizes): KeyMap {
  const shape = alphaType === 'float' ? () => [1] : ([width]: readonly number[]) => [1, 1, width];
  return {
    entries: [
      { ours: 'norm1.weight', theirs: 'input_layernorm.weight' },
      { ours: 'attention.query.weight', theirs: 'cross_attn.q_proj.weight' },
      { ours: 'attention.key.image.weight', theirs: 'cross_attn.k_proj.weight' },
      { ours: 'attention.value.image.weight', theirs: 'cross_attn.v_proj.weight' },
      { ours: 'attention.output.weight', theirs: 'cross_attn.o_proj.weight' },
      { ours: 'attention.queryNorm.weight', theirs: 'cross_attn.q_layer_norm.weight' },
      { ours: 'attention.keyNorm.weight', theirs: 'cross_attn.k_layer_norm.weight' },
      { ours: 'attentionGate', theirs: 'alpha_cross_attn', shape },
      { ours: 'norm2.weight', theirs: 'post_attention_layernorm.weight' },
      { ours: 'feedForward.gate.weight', theirs: 'mlp.gate_proj.weight' },
      { ours: 'feedForward.up.weight', theirs: 'mlp.up_proj.weight' },
      { ours: 'feedForward.down.weight', theirs: 'mlp.down_proj.weight' },
      { ours: 'feedForwardGate', theirs: 'alpha_dense', shape },
    ],
    ignored: [{ theirs: 'cross_attn.rotary_emb.inv_freq', reason: 'a buffer that follows from the config' }],
  };
}

function headKeys({ vocabSize, additionalVocabSize, tieWordEmbeddings }: IdeficsSizes): KeyMapEntry[] {
  if (tieWordEmbeddings) return [];
  const ours = 'heads.text.lmHead.weight';
  if (additionalVocabSize === 0) return [{ ours, theirs: 'lm_head.weight' }];
  const all = vocabSize + additionalVocabSize;
  return [
    { ours, theirs: 'lm_head.weight', rows: [0, vocabSize] },
    { ours, theirs: 'lm_head.additional_fc.weight', rows: [vocabSize, all] },
  ];
}
