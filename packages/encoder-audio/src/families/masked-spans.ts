import type { RandomKey } from '@polymodal/core';

/** How much of an axis is masked, in spans that may overlap. */
export interface SpanConfig {
  /** Share of the axis, were there no overlap. */
  readonly probability: number;
  readonly spanLength: number;
  readonly minSpans: number;
}

/**
 * Draws spans of SpecAugment (Park et al. 2019; HF `_compute_mask_indices`), on the host. Python counts spans by the length of
 * each row; here those that fall into padding are of no effect, which leaves the same share of a row.
 *
 * @returns (rows, length), 1 = masked
 */
export function maskedSpans(rows: number, length: number, config: SpanConfig, key: RandomKey): Float32Array {
  const { probability, spanLength, minSpans } = config;
  const mask = new Float32Array(rows * length);
  const starts = length - spanLength + 1;
  if (starts < 1) return mask;
  const [rounding] = key.uniform(1);
  const wanted = Math.max(Math.trunc((probability * length) / spanLength + rounding), minSpans);
  const spans = Math.min(wanted, Math.floor(length / spanLength), starts);
  for (let row = 0; row < rows; row++) {
    for (const start of key.fold(row).shuffle(starts).subarray(0, spans)) {
      mask.fill(1, row * length + start, row * length + start + spanLength);
    }
  }
  return mask;
}
