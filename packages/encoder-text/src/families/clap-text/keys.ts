import type { DerivedTensor, KeyMap, PlaceInWhole } from '@polymodal/hub';
import { bertKeys } from '../bert/keys';

/** Buffers that Python saves, of a number for each position. */
const buffers: readonly DerivedTensor[] = [
  {
    theirs: 'embeddings.position_ids',
    values: ([length]) => ({ shape: [1, length], data: Int32Array.from({ length }, (_, at) => at) }),
  },
  { theirs: 'embeddings.token_type_ids', values: ([length]) => ({ shape: [1, length], data: new Int32Array(length) }) },
];

/** The tensors of HF `ClapTextModel`: those of BERT. */
export const clapTextKeys: KeyMap = {
  prefixes: ['text_model.'],
  entries: bertKeys.entries.map((entry) =>
    entry.ours === 'positionEmbeddings.weight' ? { ...entry, derived: buffers } : entry,
  ),
  ignored: [{ theirs: 'text_projection.**', reason: 'the way into the space shared with sound, no part of the tower' }],
};

/** The tower in HF `ClapModel`. */
export const clapTextInClap: PlaceInWhole = {
  config: 'text_config',
  modelType: 'clap_text_model',
  prefix: 'text_model.',
  ignored: [
    { theirs: 'audio_model.**', reason: 'the audio tower' },
    { theirs: 'audio_projection.**', reason: "sound's way into the shared space" },
    { theirs: 'text_projection.**', reason: 'that of texts' },
    { theirs: 'logit_scale_a', reason: 'compares sound with texts' },
    { theirs: 'logit_scale_t', reason: 'compares texts with sound' },
  ],
};
