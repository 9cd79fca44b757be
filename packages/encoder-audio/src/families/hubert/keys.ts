import type { KeyMap } from '@polymodal/hub';
import { speechHeads, speechKeys, unusedMask } from '../wav2vec2/keys';

const batchNorm = 'encoder.pos_conv_embed.batch_norm';

/** The tensors of HF `HubertModel`. */
export const hubertKeys = (masks: boolean): KeyMap => ({
  prefixes: ['hubert.'],
  entries: [
    ...speechKeys,
    { ours: 'positions.convolution.weight', theirs: 'encoder.pos_conv_embed.conv.weight' },
    { ours: 'positions.batchNorm.weight', theirs: `${batchNorm}.weight` },
    { ours: 'positions.batchNorm.bias', theirs: `${batchNorm}.bias` },
    { ours: 'positions.batchNorm.runningMean', theirs: `${batchNorm}.running_mean` },
    { ours: 'positions.batchNorm.runningVar', theirs: `${batchNorm}.running_var` },
    { ours: 'positions.batchNorm.numBatchesTracked', theirs: `${batchNorm}.num_batches_tracked`, dtype: 'I64' },
  ],
  ignored: [...speechHeads, ...(masks ? [] : [unusedMask])],
});
