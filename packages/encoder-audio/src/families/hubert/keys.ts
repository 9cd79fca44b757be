import type { KeyMap } from '@polymodal/hub';
import { batchNormKeys } from '../batch-norm-keys';
import { speechHeads, speechKeys, unusedMask } from '../wav2vec2/keys';

/** The tensors of HF `HubertModel`. */
export const hubertKeys = (masks: boolean): KeyMap => ({
  prefixes: ['hubert.'],
  entries: [
    ...speechKeys,
    { ours: 'positions.convolution.weight', theirs: 'encoder.pos_conv_embed.conv.weight' },
    ...batchNormKeys('positions.batchNorm', 'encoder.pos_conv_embed.batch_norm'),
  ],
  ignored: [...speechHeads, ...(masks ? [] : [unusedMask])],
});
