import type { KeyMapEntry } from '@polymodal/hub';

/** The tensors of a `BatchNorm`, as PyTorch names those of `nn.BatchNorm1d` and `nn.BatchNorm2d`. */
export function batchNormKeys(ours: string, theirs: string): KeyMapEntry[] {
  return [
    { ours: `${ours}.weight`, theirs: `${theirs}.weight` },
    { ours: `${ours}.bias`, theirs: `${theirs}.bias` },
    { ours: `${ours}.runningMean`, theirs: `${theirs}.running_mean` },
    { ours: `${ours}.runningVar`, theirs: `${theirs}.running_var` },
    { ours: `${ours}.numBatchesTracked`, theirs: `${theirs}.num_batches_tracked`, dtype: 'I64' },
  ];
}
