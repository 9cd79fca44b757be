import {
  ConfigError,
  type FusionDefinition,
  inferenceContext,
  initialize,
  parseConfig,
  RandomKey,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type LowRankFusion, lowRank } from './low-rank-fusion';
import { type TensorFusion, tensor } from './tensor-fusion';
import { fill, fixedBatch, fixedEncoders, pooledRows, type TestModality } from './testing/fixed-encoder';

const slots: TestModality[] = ['image', 'text', 'audio'];
const rows: TestModality[][] = [['text', 'audio'], ['image'], slots];
const encoders = fixedEncoders();
const batch = fixedBatch(rows);
const hiddenSize = 8;

function create<F>(definition: FusionDefinition, options: object, own = encoders): F {
  const config = parseConfig(definition.config, { numHiddenLayers: 1, ...options }, 'fusion');
  const fusion = definition.create(config, { hiddenSize, encoders: own });
  fill(fusion);
  return fusion as F;
}

/** The vector of a modality in a row, `undefined` where it lacks it. */
function vectorOf(slot: TestModality, row: number): number[] | undefined {
  const { features, rows: present } = batch.modalities[slot];
  return (features.tokens.arraySync() as number[][][])[present.indexOf(row)]?.[0];
}

/** Every product of one number of each vector. */
function outer(vectors: readonly number[][]): number[] {
  return vectors.reduce((products, vector) => products.flatMap((product) => vector.map((x) => product * x)), [1]);
}

describe('the fusion tensor', () => {
  it('feeds its perceptron with a linear map of the products of all modalities', () => {
    const fusion = create<TensorFusion>(tensor as FusionDefinition, { vectorSize: 3 });
    const weight = fusion.join.weight.value.arraySync();
    const bias = fusion.join.bias!.value.arraySync();
    expect(weight[0]).toHaveLength(4 ** 3);
    const joint = rows.map((_, row) => {
      const products = outer(
        slots.map((slot) => {
          const x = vectorOf(slot, row);
          const { weight, bias } = fusion.vectors.projections[slot];
          const offsets = bias!.value.arraySync();
          const project = (w: number[], out: number) => (x ? dot(w, x) + offsets[out] : 0);
          return [1, ...weight.value.arraySync().map(project)];
        }),
      );
      return weight.map((w, out) => dot(w, products) + bias[out]);
    });
    const expected = fusion.mlp.forward(tf.tensor2d(joint), inferenceContext()).arraySync();
    expectNear(pooledRows(fusion, encoders, batch).flat(), expected.flat());
  });

  it('refuses more products than fit, and says what would', () => {
    expect(() => create(tensor as FusionDefinition, { vectorSize: 40 })).toThrow(ConfigError);
    expect(() => create(tensor as FusionDefinition, { vectorSize: 40 })).toThrow(
      '40, which makes 68921. Take 39 or less, or the fusion "low-rank"',
    );
    expect(create<TensorFusion>(tensor as FusionDefinition, { vectorSize: 39 }).join.inputSize).toBe(64000);
    const two = fixedEncoders({ modalities: ['image', 'text'] });
    expect(create<TensorFusion>(tensor as FusionDefinition, { vectorSize: 255 }, two).join.inputSize).toBe(65536);
    expect(() => create(tensor as FusionDefinition, { vectorSize: 256 }, two)).toThrow('Take 255 or less');
  });
});

describe('the fusion low-rank', () => {
  const rank = 3;
  const fusion = create<LowRankFusion>(lowRank as FusionDefinition, { rank });

  it('feeds its perceptron with what the whole tensor of products gives, with the weight that its factors make', () => {
    const scales = fusion.rankWeights.value.arraySync();
    const bias = fusion.bias.value.arraySync();
    const factors = slots.map((slot) => {
      const { weight, constant } = fusion.factors[slot];
      const offsets = constant.value.arraySync();
      return weight.value.arraySync().map((w, out) => [offsets[out], ...w]); // [R · D][1 + E]
    });
    const joint = rows.map((_, row) => {
      const products = outer(
        slots.map((slot) => [1, ...(vectorOf(slot, row) ?? new Array<number>(encoders[slot].pooledSize).fill(0))]),
      );
      return bias.map((offset, d) => {
        const weight = outer(factors.map((factor) => factor[d])).map(() => 0); // of the whole tensor
        for (let r = 0; r < rank; r++) {
          outer(factors.map((factor) => factor[r * hiddenSize + d])).forEach((w, index) => {
            weight[index] += scales[r] * w;
          });
        }
        return dot(weight, products) + offset;
      });
    });
    const expected = fusion.mlp.forward(tf.tensor2d(joint), inferenceContext()).arraySync();
    expectNear(pooledRows(fusion, encoders, batch).flat(), expected.flat());
  });

  it('hears at first of a modality that is alone: products with what is absent do not begin as 0', () => {
    const begun = lowRank.create(parseConfig(lowRank.config, { numHiddenLayers: 1 }, 'fusion'), {
      hiddenSize,
      encoders,
    });
    initialize(begun, RandomKey.from(1));
    const [first, second] = pooledRows(begun, encoders, fixedBatch([['text'], ['text']]));
    expect(Math.max(...first.map((value, d) => Math.abs(value - second[d])))).toBeGreaterThan(0.1);
  });

  it('registers every factor', () => {
    const shapes = slots.map((slot) => fusion.parameters().get(`factors.${slot}.weight`)?.shape);
    expect(shapes).toEqual(slots.map((slot) => [rank * hiddenSize, encoders[slot].pooledSize]));
  });
});

function dot(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, x, index) => sum + x * b[index], 0);
}

/** Sums of hundreds of products of order 1, in float32, behind a norm. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
}
