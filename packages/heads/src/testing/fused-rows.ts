import { type EncodedTokens, type Fused, type HeadInput, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Input of a head for tests, from a pooled vector for each row and, by modality, one for each row that has it. */
export function fusedRows(
  pooled: readonly (readonly number[])[],
  encoded: Readonly<Record<string, readonly (readonly number[] | undefined)[]>> = {},
): HeadInput {
  const fused: Fused = {
    pooled: tf.tensor2d(pooled as number[][]),
    tokens: tf.tensor3d(pooled.map((row) => [[...row]])),
    mask: tf.ones([pooled.length, 1]),
    encoded: Object.fromEntries(Object.entries(encoded).map(([modality, rows]) => [modality, encodedRows(rows)])),
  };
  return { fused, parent: undefined };
}

/** Vectors of normal numbers. */
export function randomVectors(count: number, size: number, seed: number): number[][] {
  return Array.from({ length: count }, (_, index) => Array.from(RandomKey.from(seed).fold(index).normal(size)));
}

function encodedRows(rows: readonly (readonly number[] | undefined)[]): EncodedTokens {
  const present = rows.flatMap((vector, row) => (vector ? [{ vector, row }] : []));
  const vectors = present.map(({ vector }) => [...vector]);
  return {
    pooled: tf.tensor2d(vectors),
    tokens: tf.tensor3d(vectors.map((vector) => [vector])),
    mask: tf.ones([present.length, 1]),
    rows: Int32Array.from(present, ({ row }) => row),
  };
}
