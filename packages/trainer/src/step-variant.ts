import type { HostBatch, LossCounts } from '@polymodal/core';

/** All that the code of a step may go by in a batch besides its tensors: which rows have what, and what there is to learn. */
export function stepVariant({ size, modalities, targets, mixture }: HostBatch, counts: LossCounts): string {
  const ofRows = (rows: Int32Array) => (rows.length === size ? 'all' : rows.join(' '));
  const rows = [modalities, targets, mixture?.targets ?? {}].map((named) =>
    Object.entries(named).map(([name, own]) => [name, ofRows(own.rows)]),
  );
  const terms = Object.entries(counts).map(([head, own]) => [head, ...Object.keys(own)]);
  return JSON.stringify([size, rows, terms]);
}
