import { blipVision } from '@polymodal/encoder-vision/pretrained';
import { type ConfigOf, type KeyMap, nestedKeys } from '@polymodal/hub';

const layer = 'bert.encoder.layer.{i}';

function attentionKeys(ours: string, theirs: string): KeyMap['entries'] {
  return [
    ...['query', 'key', 'value'].map((projection) => ({
      ours: `layers.{i}.${ours}.${projection}.*`,
      theirs: `${layer}.${theirs}.self.${projection}.*`,
    })),
    { ours: `layers.{i}.${ours}.output.*`, theirs: `${layer}.${theirs}.output.dense.*` },
  ];
}

/** The tensors of HF `BlipTextLMHeadModel`. */
const decoderKeys: KeyMap = {
  entries: [
    { ours: 'tokenEmbeddings.weight', theirs: 'bert.embeddings.word_embeddings.weight' },
    { ours: 'positionEmbeddings.weight', theirs: 'bert.embeddings.position_embeddings.weight' },
    { ours: 'norm.*', theirs: 'bert.embeddings.LayerNorm.*' },
    ...attentionKeys('attention', 'attention'),
    { ours: 'layers.{i}.norm1.*', theirs: `${layer}.attention.output.LayerNorm.*` },
    ...attentionKeys('crossAttention', 'crossattention'),
    { ours: 'layers.{i}.crossNorm.*', theirs: `${layer}.crossattention.output.LayerNorm.*` },
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.intermediate.dense.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.output.dense.*` },
    { ours: 'layers.{i}.norm2.*', theirs: `${layer}.output.LayerNorm.*` },
    { ours: 'transform.*', theirs: 'cls.predictions.transform.dense.*' },
    { ours: 'transformNorm.*', theirs: 'cls.predictions.transform.LayerNorm.*' },
    { ours: 'wordBias', theirs: 'cls.predictions.bias' },
  ],
  ignored: [
    { theirs: 'bert.embeddings.position_ids', reason: 'a buffer of the numbers from 0' },
    { theirs: 'cls.predictions.decoder.weight', reason: 'tied to the token embeddings' },
    { theirs: 'cls.predictions.decoder.bias', reason: 'a copy of cls.predictions.bias' },
  ],
};

const tower = nestedKeys(blipVision.keys({} as ConfigOf<typeof blipVision>), {
  ours: 'encoders.image.',
  theirs: 'vision_model.',
});
const decoder = nestedKeys(decoderKeys, { ours: 'heads.text.decoder.', theirs: 'text_decoder.' });

/** The tensors of HF `BlipForConditionalGeneration`. */
export const blipKeys: KeyMap = {
  entries: [...tower.entries, ...decoder.entries],
  ignored: [...tower.ignored, ...decoder.ignored],
};
