import type { HostRows } from '../batch';
import type { Features, HostTensor } from '../features';

/** What an encoder gave of one value: `tokens` (N, D), `mask` (N) and `pooled` (E). */
export interface EncodedFeatures extends Features {
  readonly tokens: HostTensor;
  readonly mask: HostTensor;
  readonly pooled: HostTensor;
}

/**
 * Rows of a batch that are encoded already: tokens side by side, zeros behind those of shorter rows.
 *
 * @param rows   ascending positions in the batch
 * @param values of each of them
 * @param length that they are padded to, where it is more than they have
 */
export function encodedRows(rows: Int32Array, values: readonly EncodedFeatures[], length = 0): HostRows {
  const [{ tokens: first, pooled: whole }] = values;
  const width = first.shape[1];
  const most = values.reduce((longest, { tokens }) => Math.max(longest, tokens.shape[0]), length);
  const tokens = new Float32Array(values.length * most * width);
  const mask = new Float32Array(values.length * most);
  const pooled = new Float32Array(values.length * whole.data.length);
  values.forEach((own, row) => {
    tokens.set(own.tokens.data, row * most * width);
    mask.set(own.mask.data, row * most);
    pooled.set(own.pooled.data, row * whole.data.length);
  });
  return {
    rows,
    encoded: true,
    features: {
      tokens: { data: tokens, shape: [values.length, most, width] },
      mask: { data: mask, shape: [values.length, most] },
      pooled: { data: pooled, shape: [values.length, whole.data.length] },
    },
  };
}
