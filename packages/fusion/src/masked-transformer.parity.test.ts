import { readFileSync } from 'node:fs';
import { type Batch, inferenceContext, type ModalityBatch, parseConfig } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maskedTransformer } from './masked-transformer';
import { fixedEncoders } from './testing/fixed-encoder';

/** As `tools/parity/fusion.py` writes it: what PyTorch makes of each row alone, without a mask and without padding. */
interface Fixture {
  readonly widths: Readonly<Record<string, number>>;
  readonly hiddenSize: number;
  readonly cases: readonly {
    readonly name: string;
    readonly config: object;
    readonly parameters: Readonly<Record<string, tf.TensorLike>>;
    readonly rows: readonly FixtureRow[];
  }[];
}

interface FixtureRow {
  readonly tokens: Readonly<Record<string, number[][]>>;
  /** Those that take part, the class token first. */
  readonly fused: number[][];
}

const path = new URL('../fixtures/masked-transformer.json', import.meta.url);
const { widths, hiddenSize, cases } = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

/** All rows in one batch, each padded to the longest; NaN stands where nothing is. */
function batchOf(rows: readonly FixtureRow[]): Batch {
  const modalities: Record<string, ModalityBatch> = {};
  for (const [modality, width] of Object.entries(widths)) {
    const present = rows.flatMap(({ tokens }, row) => (modality in tokens ? [row] : []));
    const values = present.map((row) => rows[row].tokens[modality]);
    const longest = Math.max(...values.map(({ length }) => length));
    const nothing = (count: number) => Array.from({ length: count }, () => new Array<number>(width).fill(Number.NaN));
    const padded = values.map((own) => [...own, ...nothing(longest - own.length)]);
    const mask = values.map((own) => Array.from({ length: longest }, (_, i) => (i < own.length ? 1 : 0)));
    modalities[modality] = {
      rows: Int32Array.from(present),
      features: { tokens: tf.tensor3d(padded), mask: tf.tensor2d(mask) },
    };
  }
  return { size: rows.length, modalities, targets: {} };
}

it.each(cases)('gives each row of a mixed batch what PyTorch gives it alone: $name', ({ config, parameters, rows }) => {
  const encoders = fixedEncoders();
  const fusion = maskedTransformer.create(parseConfig(maskedTransformer.config, config, 'fusion'), {
    hiddenSize,
    encoders,
  });
  expect([...fusion.parameters().keys()].sort()).toEqual(Object.keys(parameters).sort());
  for (const [name, parameter] of fusion.parameters()) {
    parameter.assign(tf.tensor(parameters[name], [...parameter.shape]));
  }
  const fused = fusion.forward(encoders, batchOf(rows), inferenceContext());
  const [tokens, mask, pooled] = [fused.tokens.arraySync(), fused.mask.arraySync(), fused.pooled.arraySync()];
  rows.forEach((row, index) => {
    const own = tokens[index].filter((_, place) => mask[index][place] === 1);
    expect(own).toHaveLength(row.fused.length);
    own.forEach((token, place) => expectNear(token, row.fused[place]));
    expectNear(pooled[index], row.fused[0]);
  });
});

/** Sums of a dozen terms of order 1, in float32, through two layers. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(2e-5);
}
