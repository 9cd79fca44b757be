import { type EncodedTokens, type Encoder, type Features, inferenceContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltEncoder, EncoderCase } from '../cases/encoder-case';
import { ConformanceError } from '../conformance-error';

/**
 * P rows give tokens (P, N, D) with D = hiddenSize, a mask (P, N) of 0 and 1 with a 1 in each row, pooled (P, E) with
 * E = pooledSize, and the positions of the rows unchanged, all finite, for P = 1 and P > 1; and nothing else: what an encoder
 * keeps of its tokens ends with it.
 */
export async function tokensKeepTheirShapes(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  try {
    for (const rows of [subject.rows.slice(0, 1), subject.rows]) await checkBatch(subject, built, rows);
  } finally {
    built.dispose();
  }
}

async function checkBatch(subject: EncoderCase, built: BuiltEncoder, rows: readonly Features[]): Promise<void> {
  const where = `${subject.name}, batch of ${rows.length}`;
  const positions = Int32Array.from(rows, (_, row) => 2 * row + 1); // as in a batch whose other rows lack the modality
  const encoded = tf.tidy(() => {
    const result = built.encode(subject.processor.collate(rows), inferenceContext(), positions);
    checkShapes(where, result, rows.length, built.module);
    expect(`${where}, rows`, `[${positions}]`, `[${result.rows}]`);
    return { tokens: result.tokens.clone(), mask: result.mask.clone(), pooled: result.pooled.clone() };
  });
  try {
    checkMask(where, await encoded.mask.data(), encoded.mask.shape);
    for (const [name, tensor] of Object.entries(encoded)) checkFinite(`${where}, ${name}`, await tensor.data());
  } finally {
    tf.dispose(encoded);
  }
}

function checkShapes(where: string, result: EncodedTokens, size: number, { hiddenSize, pooledSize }: Encoder): void {
  const { tokens, mask, pooled } = result;
  const length = tokens.shape[1];
  expect(`${where}, tokens`, `[${size},${length},${hiddenSize}] of float32`, `[${tokens.shape}] of ${tokens.dtype}`);
  expect(`${where}, mask`, `[${size},${length}] of float32`, `[${mask.shape}] of ${mask.dtype}`);
  expect(
    `${where}, pooled`,
    `[${size},${pooledSize}] of float32`,
    pooled ? `[${pooled.shape}] of ${pooled.dtype}` : 'none',
  );
  // Or the tensors of the state would live as long as the encoding does.
  const others = Object.keys(result).filter((name) => !['tokens', 'mask', 'rows', 'pooled'].includes(name));
  expect(`${where}, finished`, 'tokens, mask, rows and pooled alone', describeOthers(others));
}

function describeOthers(names: readonly string[]): string {
  return names.length === 0 ? 'tokens, mask, rows and pooled alone' : `${names.join(', ')} beside them`;
}

function checkMask(where: string, mask: ArrayLike<number>, [rows, length]: readonly number[]): void {
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length }, (_, token) => mask[row * length + token]);
    const other = values.find((value) => value !== 0 && value !== 1);
    if (other !== undefined) expect(`${where}, mask of row ${row}`, '0 and 1 alone', String(other));
    if (!values.includes(1)) expect(`${where}, mask of row ${row}`, 'a token that takes part', 'none');
  }
}

function checkFinite(where: string, values: ArrayLike<number>): void {
  const index = Array.from(values).findIndex((value) => !Number.isFinite(value));
  if (index >= 0) expect(where, 'finite values', `${values[index]} at ${index}`);
}

function expect(where: string, expected: string, received: string): void {
  if (expected !== received) throw new ConformanceError({ where, expected, received });
}
