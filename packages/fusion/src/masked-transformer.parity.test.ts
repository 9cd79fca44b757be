import { readFileSync } from 'node:fs';
import { inferenceContext, parseConfig } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maskedTransformer } from './masked-transformer';
import { fixedEncoders } from './testing/fixed-encoder';
import { paddedBatch } from './testing/padded-batch';

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
  const fused = fusion.forward(encoders, paddedBatch(rows, widths), inferenceContext());
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
