import * as tf from '@tensorflow/tfjs-core';
import type { EncodedTokens, Fused } from './tokens';

/**
 * The fused rows at ascending positions, as a batch of their own. Rows of `encoded` are renumbered to it; a modality
 * that none of the rows has is left out.
 */
export function selectRows(fused: Fused, rows: readonly number[]): Fused {
  if (rows.length === fused.tokens.shape[0]) return fused;
  const index = tf.tensor1d(Int32Array.from(rows), 'int32');
  const encoded: Record<string, EncodedTokens> = {};
  for (const [modality, tokens] of Object.entries(fused.encoded)) {
    const kept = selectEncoded(tokens, rows);
    if (kept) encoded[modality] = kept;
  }
  return {
    tokens: tf.gather(fused.tokens, index),
    mask: tf.gather(fused.mask, index),
    pooled: tf.gather(fused.pooled, index),
    spans: fused.spans,
    encoded,
  };
}

function selectEncoded(tokens: EncodedTokens, rows: readonly number[]): EncodedTokens | undefined {
  const sources: number[] = [];
  const targets: number[] = [];
  rows.forEach((row, target) => {
    const source = tokens.rows.indexOf(row);
    if (source < 0) return;
    sources.push(source);
    targets.push(target);
  });
  if (sources.length === 0) return undefined;
  const index = tf.tensor1d(Int32Array.from(sources), 'int32');
  return {
    tokens: tf.gather(tokens.tokens, index),
    mask: tf.gather(tokens.mask, index),
    ...(tokens.positions && { positions: tf.gather(tokens.positions, index) }),
    pooled: tf.gather(tokens.pooled, index),
    rows: Int32Array.from(targets),
  };
}
