import { inferenceContext, parseConfig } from '@polymodal/core';
import type { Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type GatedFusion, gated } from './gated-fusion';
import { fill, fixedBatch, fixedEncoders, type TestModality } from './testing/fixed-encoder';

const slots: TestModality[] = ['image', 'text', 'audio'];
const rows: TestModality[][] = [['text', 'audio'], ['image'], slots];

describe('the fusion gated', () => {
  const encoders = fixedEncoders();
  const config = parseConfig(gated.config, { numHiddenLayers: 1 }, 'fusion');
  const fusion = gated.create(config, { hiddenSize: 8, encoders }) as GatedFusion;
  fill(fusion);
  const batch = fixedBatch(rows);
  const { tokens, pooled, usage, owner } = fusion.forward(encoders, batch, inferenceContext());

  /** z and z ∘ h of each modality of a row, by a naive loop over the equations. */
  const naive = rows.map((own, row) => {
    const x = slots.map((slot) => (own.includes(slot) ? vectorOf(slot, row) : zeros(encoders[slot].pooledSize)));
    return slots.map((slot, m) => {
      const h = apply(fusion.vectors.projections[slot], x[m]).map(Math.tanh);
      const z = apply(fusion.gates[slot], x.flat()).map((value) => 1 / (1 + Math.exp(-value)));
      return own.includes(slot) ? { z, gated: z.map((gate, d) => gate * h[d]) } : { z: zeros(8), gated: zeros(8) };
    });
  });

  it('lets of each modality through what its gates say', () => {
    expectNear(
      tokens.dataSync(),
      naive.flatMap((row) => row.flatMap(({ gated }) => gated)),
    );
    slots.forEach((slot, m) => {
      expectNear(
        usage![slot].dataSync(),
        naive.flatMap((row) => row[m].z),
      );
    });
    expect(owner!.map.arraySync()).toEqual([
      [-1, 1, 2],
      [0, -1, -1],
      [0, 1, 2],
    ]);
  });

  it('feeds its perceptron with their sum', () => {
    const sums = naive.map((row) => row.reduce((sum, { gated }) => sum.map((value, d) => value + gated[d]), zeros(8)));
    expectNear(pooled.dataSync(), fusion.mlp.forward(tf.tensor2d(sums), inferenceContext()).dataSync());
  });

  function vectorOf(slot: TestModality, row: number): number[] {
    const { features, rows: present } = batch.modalities[slot];
    return (features.tokens.arraySync() as number[][][])[present.indexOf(row)][0];
  }
});

function apply({ weight, bias }: Linear, x: readonly number[]): number[] {
  const offsets = bias!.value.arraySync();
  return weight.value.arraySync().map((row, out) => row.reduce((sum, w, i) => sum + w * x[i], offsets[out]));
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}

/** Sums of at most fifteen products of order 1, in float32. */
function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
}
