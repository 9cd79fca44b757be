import { readFileSync } from 'node:fs';
import { type FusionDefinition, inferenceContext, parseConfig } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { fusion as plugin } from './plugin';
import { fixedEncoders, type TestModality } from './testing/fixed-encoder';
import { paddedBatch } from './testing/padded-batch';

/** As `tools/parity/fusion_between_layers.py` writes it: what PyTorch makes of each row alone, over encoders with layers. */
interface Fixture {
  readonly widths: Readonly<Record<TestModality, number>>;
  readonly depths: Readonly<Record<TestModality, number>>;
  readonly hiddenSize: number;
  readonly cases: readonly {
    readonly use: string;
    readonly config: object;
    readonly parameters: Readonly<Record<string, tf.TensorLike>>;
    readonly rows: readonly {
      readonly tokens: Readonly<Record<string, number[][]>>;
      /** Those that take part. */
      readonly fused: number[][];
      readonly pooled: number[];
    }[];
  }[];
}

const path = new URL('../fixtures/between-layers.json', import.meta.url);
const { widths, depths, hiddenSize, cases } = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

it.each(cases)(
  'gives each row of a mixed batch what PyTorch gives it alone: $use, $config',
  ({ use, config, parameters, rows }) => {
    const encoders = fixedEncoders({ widths, depth: depths });
    const definition = plugin.fusions!.find(({ name }) => name === use) as FusionDefinition;
    const fusion = definition.create(parseConfig(definition.config, config, 'fusion'), { hiddenSize, encoders });
    expect([...fusion.parameters().keys()].sort()).toEqual(Object.keys(parameters).sort());
    for (const [name, parameter] of fusion.parameters())
      parameter.assign(tf.tensor(parameters[name], [...parameter.shape]));

    const fused = fusion.forward(encoders, paddedBatch(rows, widths), inferenceContext());
    const [tokens, mask, pooled] = [fused.tokens.arraySync(), fused.mask.arraySync(), fused.pooled.arraySync()];
    rows.forEach((row, index) => {
      const own = tokens[index].filter((_, place) => mask[index][place] === 1);
      expect(own).toHaveLength(row.fused.length);
      own.forEach((token, place) => {
        expectNear(token, row.fused[place]);
      });
      expectNear(pooled[index], row.pooled);
    });
  },
);

/** Values of up to some ten, in float32, through four layers of encoders and three of the fusion. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-4);
}
