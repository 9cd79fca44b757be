import type { HostTensor, PreparedSample } from '@polymodal/core';

/** Bytes of the numbers that a prepared sample consists of. */
export function byteLength({ features, targets }: PreparedSample): number {
  const all = [...Object.values(features), ...Object.values(targets)];
  const tensors: HostTensor[] = all.flatMap((own) => Object.values(own));
  return tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
}
