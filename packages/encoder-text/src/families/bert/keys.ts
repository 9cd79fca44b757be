import type { KeyMap, KeyMapEntry } from '@polymodal/hub';

const layer = 'encoder.layer.{i}';

/** Before 2019 norms had the names of TensorFlow. */
function norm(ours: string, theirs: string): KeyMapEntry[] {
  return [
    { ours: `${ours}.weight`, theirs: `${theirs}.weight`, formerly: `${theirs}.gamma` },
    { ours: `${ours}.bias`, theirs: `${theirs}.bias`, formerly: `${theirs}.beta` },
  ];
}

/** The tensors of HF `BertModel`, which those of `RobertaModel` share. */
export const bertKeys: KeyMap = {
  prefixes: ['bert.'],
  entries: [
    { ours: 'wordEmbeddings.weight', theirs: 'embeddings.word_embeddings.weight' },
    { ours: 'positionEmbeddings.weight', theirs: 'embeddings.position_embeddings.weight' },
    { ours: 'tokenTypeEmbeddings.weight', theirs: 'embeddings.token_type_embeddings.weight' },
    ...norm('embeddingNorm', 'embeddings.LayerNorm'),
    { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.attention.self.query.*` },
    { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.attention.self.key.*` },
    { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.attention.self.value.*` },
    { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.attention.output.dense.*` },
    ...norm('layers.{i}.norm1', `${layer}.attention.output.LayerNorm`),
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.intermediate.dense.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.output.dense.*` },
    ...norm('layers.{i}.norm2', `${layer}.output.LayerNorm`),
    { ours: 'pooler.*', theirs: 'pooler.dense.*' },
  ],
  ignored: [
    { theirs: 'embeddings.position_ids', reason: 'a buffer of the numbers from 0' },
    { theirs: 'embeddings.token_type_ids', reason: 'a buffer of zeros' },
    {
      theirs: 'cls.**',
      reason: 'the head that guesses masked words and next sentences; its decoder is tied to the words',
    },
    { theirs: 'classifier.**', reason: 'the head of a classifier' },
    { theirs: 'qa_outputs.**', reason: 'the head that marks answers' },
  ],
};
