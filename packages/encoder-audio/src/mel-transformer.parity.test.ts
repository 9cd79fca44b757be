import { readFileSync } from 'node:fs';
import { inferenceContext, type ModalityBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { MelTransformer, type MelTransformerConfig } from './mel-transformer';

/** As `tools/parity/audio_encoder.py` writes it: what PyTorch makes of each recording alone, unpadded. */
interface Fixture {
  readonly numMelBins: number;
  readonly hiddenSize: number;
  readonly cases: readonly {
    readonly name: string;
    readonly config: object;
    readonly parameters: Readonly<Record<string, tf.TensorLike>>;
    readonly rows: readonly FixtureRow[];
  }[];
}

interface FixtureRow {
  readonly logMel: number[][];
  readonly tokens: number[][];
  readonly pooled: number[];
}

const path = new URL('../fixtures/mel-transformer.json', import.meta.url);
const { numMelBins, hiddenSize, cases } = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

/** All recordings in one batch, padded beyond the longest; NaN stands where nothing is. */
function batchOf(rows: readonly FixtureRow[]): ModalityBatch {
  const padded = Math.max(...rows.map(({ logMel }) => logMel.length)) + 5;
  const frame = (row: FixtureRow, t: number) => row.logMel[t] ?? new Array<number>(numMelBins).fill(Number.NaN);
  const times = Array.from({ length: padded }, (_, t) => t);
  return {
    rows: Int32Array.from(rows.keys()),
    features: {
      logMel: tf.tensor3d(rows.map((row) => times.map((t) => frame(row, t)))),
      mask: tf.tensor2d(rows.map(({ logMel }) => times.map((t) => (t < logMel.length ? 1 : 0)))),
    },
  };
}

it.each(cases)(
  'MelTransformer gives what PyTorch gives each recording alone: $name',
  ({ config, parameters, rows }) => {
    const encoder = new MelTransformer({
      numMelBins,
      hiddenSize,
      hiddenAct: 'gelu',
      hiddenDropout: 0.1,
      attentionDropout: 0,
      dropPath: 0,
      layerNormEps: 1e-5,
      ...config,
    } as MelTransformerConfig);
    expect([...encoder.parameters().keys()].sort()).toEqual(Object.keys(parameters).sort());
    for (const [name, parameter] of encoder.parameters()) {
      parameter.assign(tf.tensor(parameters[name], [...parameter.shape]));
    }
    const encoded = encoder.encode(batchOf(rows), inferenceContext());
    const [tokens, mask, pooled] = [encoded.tokens.arraySync(), encoded.mask.arraySync(), encoded.pooled.arraySync()];
    rows.forEach((row, index) => {
      const own = tokens[index].filter((_, place) => mask[index][place] === 1);
      expect(own).toHaveLength(row.tokens.length);
      own.forEach((token, place) => expectNear(token, row.tokens[place]));
      expectNear(pooled[index], row.pooled);
    });
  },
);

/** Sums of a few dozen terms of order 1, in float32, through two convolutions and two layers. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(2e-5);
}
