import { type Features, type HostTensor1D, type HostTensor2D, hostTensor, padAndStack } from '../features';

/**
 * The feature that says which of the samples that share a row each element of a sequence is of, counted from 0; int32, (N), and collated
 * (P, N), −1 in padding. Rows of one sample have none.
 */
export type SegmentFeature = { readonly segment?: HostTensor2D };

/**
 * The {@link SegmentFeature} of P rows, where one of them is packed: what an interleaving processor that packs adds to the features that it
 * collates. A row of one sample is its segment 0.
 *
 * @param lengths of the rows
 * @param length  of the collated sequences
 */
export function collateSegments(rows: readonly Features[], lengths: readonly number[], length: number): SegmentFeature {
  if (!rows.some(isPacked)) return {};
  const own = rows.map((row, index) => row.segment ?? hostTensor(new Int16Array(lengths[index]), [lengths[index]]));
  return { segment: padAndStack(own as HostTensor1D[], [length], -1) };
}

/** Whether a row has several samples. */
export function isPacked(row: Features): boolean {
  return Object.hasOwn(row, 'segment');
}
