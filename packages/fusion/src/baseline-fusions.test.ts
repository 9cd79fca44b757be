import {
  type Encoders,
  type Fusion,
  type FusionDefinition,
  inferenceContext,
  initialize,
  MissingModalityError,
  parseConfig,
  RandomKey,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type ConcatFusion, concat } from './concat-fusion';
import { maskedTransformer } from './masked-transformer';
import { type MeanFusion, mean } from './mean-fusion';
import { fill, fixedBatch, fixedEncoders, pooledRows, type TestModality } from './testing/fixed-encoder';

const all: TestModality[] = ['image', 'text', 'audio'];

function create<F extends Fusion>(
  definition: FusionDefinition,
  options: Record<string, unknown> = {},
  hiddenSize = 8,
): F {
  const encoders: Encoders = fixedEncoders();
  const fusion = definition.create(parseConfig(definition.config, options, 'fusion'), { hiddenSize, encoders });
  fill(fusion);
  return fusion as F;
}

/** The vector of a modality in a row, by a naive loop over its projection. */
function vector(fusion: ConcatFusion | MeanFusion, modality: TestModality, seed: number): number[] {
  const batch = fixedBatch([[modality]], [seed]);
  const [[input]] = batch.modalities[modality].features.tokens.arraySync() as number[][][];
  const weight = fusion.vectors.projections[modality].weight.value.arraySync();
  const bias = fusion.vectors.projections[modality].bias!.value.arraySync();
  return weight.map((row, out) => row.reduce((sum, w, i) => sum + w * input[i], bias[out]));
}

describe.each([
  ['concat', concat],
  ['mean', mean],
] as const)('the fusion %s', (_, definition) => {
  const fusion = create<ConcatFusion | MeanFusion>(definition as FusionDefinition);

  it('has one token for each modality that a row has: its projected pooled vector', () => {
    const { tokens, mask, owner } = fusion.forward(
      fixedEncoders(),
      fixedBatch([['text', 'audio'], ['text']]),
      inferenceContext(),
    );
    expect(owner!.slots).toEqual(['image', 'text', 'audio']);
    expect(owner!.map.arraySync()).toEqual([
      [1, 2],
      [1, -1],
    ]);
    expect(mask.arraySync()).toEqual([
      [1, 1],
      [1, 0],
    ]);
    const expected = [
      vector(fusion, 'text', 0),
      vector(fusion, 'audio', 0),
      vector(fusion, 'text', 1),
      new Array(8).fill(0),
    ];
    expectNear(Array.from(tokens.dataSync()), expected.flat());
  });

  it('refuses a row without any modality', () => {
    expect(() => fusion.forward(fixedEncoders(), fixedBatch([[], ['text']]), inferenceContext())).toThrow(
      MissingModalityError,
    );
  });
});

describe('the fusion concat', () => {
  it.each(['mask', 'embedding'])(
    'feeds its perceptron with the vectors side by side, stand-ins for absent ones: %s',
    (missing) => {
      const fusion = create<ConcatFusion>(concat as FusionDefinition, { missing });
      const standIn = (modality: TestModality) =>
        missing === 'mask' ? new Array<number>(8).fill(0) : fusion.missingEmbeddings![modality].value.arraySync()[0];
      const joint = [
        [...vector(fusion, 'image', 0), ...standIn('text'), ...vector(fusion, 'audio', 0)],
        [...standIn('image'), ...vector(fusion, 'text', 1), ...standIn('audio')],
      ];
      const expected = fusion.mlp.forward(fusion.join.forward(tf.tensor2d(joint)), inferenceContext());
      const actual = pooledRows(fusion, fixedEncoders(), fixedBatch([['image', 'audio'], ['text']]));
      expectNear(actual.flat(), Array.from(expected.dataSync()));
    },
  );
});

describe('the fusion mean', () => {
  it('feeds its perceptron with the mean of the vectors that are there', () => {
    const fusion = create<MeanFusion>(mean as FusionDefinition);
    const average = (modalities: TestModality[], seed: number) => {
      const vectors = modalities.map((modality) => vector(fusion, modality, seed));
      return vectors[0].map((_, d) => vectors.reduce((sum, v) => sum + v[d], 0) / vectors.length);
    };
    const joint = tf.tensor2d([average(['image', 'audio'], 0), average(['text'], 1), average(all, 2)]);
    const expected = fusion.mlp.forward(joint, inferenceContext());
    const actual = pooledRows(fusion, fixedEncoders(), fixedBatch([['image', 'audio'], ['text'], all]));
    expectNear(actual.flat(), Array.from(expected.dataSync()));
  });
});

describe('the baselines', () => {
  it('have as many parameters as the Transformer of the same depth, within 15 %', () => {
    const size = (definition: FusionDefinition) => {
      const fusion = definition.create(parseConfig(definition.config, {}, 'fusion'), {
        hiddenSize: 64,
        encoders: fixedEncoders(),
      });
      return [...fusion.parameters().values()].reduce((sum, parameter) => sum + parameter.size, 0);
    };
    const reference = size(maskedTransformer as FusionDefinition);
    for (const definition of [concat, mean]) {
      expect(Math.abs(size(definition as FusionDefinition) / reference - 1)).toBeLessThan(0.15);
    }
  });

  it('start differently for another seed', () => {
    const start = (seed: number) => {
      const fusion = mean.create(parseConfig(mean.config, {}, 'fusion'), { hiddenSize: 8, encoders: fixedEncoders() });
      initialize(fusion, RandomKey.from(seed));
      return pooledRows(fusion, fixedEncoders(), fixedBatch([all]));
    };
    expect(start(1)).toEqual(start(1));
    expect(start(1)).not.toEqual(start(2));
  });
});

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...actual.map((value, index) => Math.abs(value - expected[index])))).toBeLessThan(1e-5);
}
