import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors, type Encoder, inferenceContext, type ModalityBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { CellsFeatures } from '../cells-processor';

const path = fileURLToPath(new URL('../../fixtures/encoders.safetensors', import.meta.url));
const { tensors } = decodeSafetensors(readFileSync(path), 'encoders.safetensors');

/** What the elements of the fixture's rows are. */
export const fixtureFields = [
  ...Array.from({ length: 3 }, () => ({ kind: 'number' }) as const),
  { kind: 'category', size: 4 },
  { kind: 'category', size: 2 },
] as const;

/** A tensor that `tools/parity/tabular.py` made with PyTorch. */
export function fixture<R extends tf.Rank>(name: string): tf.Tensor<R> {
  const { data, shape } = tensors.get(name)!;
  return tf.tensor(data, [...shape] as tf.ShapeMap[R]);
}

/** The rows of the fixture, of which some cells may take no part. */
export function fixtureRows(mask = tf.ones<tf.Rank.R2>([4, 5])): ModalityBatch<CellsFeatures> {
  const cells = tf.concat([fixture<tf.Rank.R2>('numbers'), fixture<tf.Rank.R2>('categories')], 1) as tf.Tensor2D;
  return { rows: Int32Array.of(0, 1, 2, 3), features: { cells, cellsMask: mask } };
}

/** Gives an encoder the parameters of PyTorch's, and holds what it makes of the rows, and its gradients, against those there. */
export function expectParity(name: string, encoder: Encoder): void {
  assignFixture(name, encoder);
  const parameters = [...encoder.parameters()];
  const loss = () => {
    const { pooled } = encoder.encode(fixtureRows(), inferenceContext());
    expectClose(pooled, fixture(`${name}.output`));
    return tf.sum(tf.mul(pooled, fixture(`${name}.cotangent`))) as tf.Scalar;
  };
  const { grads } = tf.variableGrads(
    loss,
    parameters.map(([, { value }]) => value),
  );
  for (const [path, { value }] of parameters) {
    if (tensors.has(`${name}.gradients.${path}`)) expectClose(grads[value.name], fixture(`${name}.gradients.${path}`));
  }
}

/** Parameters that PyTorch's model does not have, such as those of missing cells, keep what they are. */
export function assignFixture(name: string, encoder: Encoder): void {
  const prefix = `${name}.parameters.`;
  const given = [...tensors.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  expect([...encoder.parameters().keys()]).toEqual(expect.arrayContaining(given));
  for (const path of given)
    encoder
      .parameters()
      .get(path)!
      .assign(fixture(prefix + path));
}

/** Both are float32, of sums of at most a hundred terms. */
export function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const wanted = expected.dataSync();
  actual.dataSync().forEach((value, index) => {
    expect(Math.abs(value - wanted[index])).toBeLessThan(2e-5 * Math.max(1, Math.abs(wanted[index])));
  });
}
