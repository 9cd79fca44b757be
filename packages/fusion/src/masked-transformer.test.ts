import { type Encoders, inferenceContext, MissingModalityError, parseConfig, UnknownNameError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type MaskedTransformer, maskedTransformer } from './masked-transformer';
import { fill, fixedBatch, fixedEncoders, pooledRows, type TestModality } from './testing/fixed-encoder';

const hiddenSize = 8;
const all: TestModality[] = ['image', 'text', 'audio'];

function create(options: Record<string, unknown> = {}, encoders: Encoders = fixedEncoders()): MaskedTransformer {
  const small = { numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 12, ...options };
  const fusion = maskedTransformer.create(parseConfig(maskedTransformer.config, small, 'fusion'), {
    hiddenSize,
    encoders,
  });
  fill(fusion);
  return fusion as MaskedTransformer;
}

function fuse(fusion: MaskedTransformer, batch: ReturnType<typeof fixedBatch>) {
  return fusion.forward(fixedEncoders(), batch, inferenceContext());
}

/** Whose the fused tokens are, by the index of the slot. */
function owners(fusion: MaskedTransformer, batch: ReturnType<typeof fixedBatch>): number[][] {
  return fuse(fusion, batch).owner!.map.arraySync();
}

describe('MaskedTransformer', () => {
  it('lays a class token and the modalities in the order of the encoders side by side', () => {
    const batch = fixedBatch([all, ['text'], ['image', 'audio']]);
    const reversed = { ...batch, modalities: Object.fromEntries(Object.entries(batch.modalities).reverse()) };
    const fused = fuse(create(), reversed);
    expect(fused.owner!.slots).toEqual(['image', 'text', 'audio']);
    expect(fused.owner!.map.arraySync()).toEqual([
      [-1, 0, 1, 1, 2, 2, 2],
      [-1, -1, 1, 1, -1, -1, -1],
      [-1, 0, -1, -1, 2, 2, 2],
    ]);
    expect(fused.tokens.shape).toEqual([3, 7, hiddenSize]);
    expect(fused.mask.arraySync()).toEqual([
      [1, 1, 1, 1, 1, 1, 1],
      [1, 0, 1, 1, 0, 0, 0],
      [1, 1, 0, 0, 1, 1, 1],
    ]);
    expect(fused.pooled.arraySync()).toEqual((fused.tokens.arraySync() as number[][][]).map(([cls]) => cls));
    expect(Array.from(fused.encoded!.text.rows)).toEqual([0, 1]);
  });

  it('is exactly 0 where nothing takes part', () => {
    const fused = fuse(create(), fixedBatch([all, ['text']]));
    const absent = tf.slice(fused.tokens, [1, 4, 0], [1, 3, hiddenSize]).dataSync();
    expect(Array.from(absent)).toEqual(new Array(3 * hiddenSize).fill(0));
  });

  it('gives a row without a modality what a model without that modality gives it', () => {
    const [row] = pooledRows(create(), fixedEncoders(), fixedBatch([['image', 'text'], all]));
    const fewer = fixedEncoders({ modalities: ['image', 'text'] });
    const [other] = pooledRows(create({}, fewer), fewer, fixedBatch([['image', 'text']]));
    expectNear(row, other, 1e-6);
  });

  it('lets nothing out of tokens that an encoder masks, NaN neither, forward or in a gradient', () => {
    const fusion = create();
    const variables = [...fusion.parameters().values()].map((parameter) => parameter.value as tf.Variable);
    const [clean, broken] = [0, Number.NaN].map((padding) => {
      const batch = fixedBatch([all, ['text']]);
      const mask = tf.tensor2d([
        [1, 0],
        [1, 1],
      ]); // the second text token of the first row takes no part
      const tokens = tf.where(tf.cast(tf.expandDims(mask, 2), 'bool'), batch.modalities.text.features.tokens, padding);
      const text = { ...batch.modalities.text, features: { tokens, mask } };
      const soiled = { ...batch, modalities: { ...batch.modalities, text } };
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(fuse(fusion, soiled).tokens)), variables);
      return [value, ...Object.values(grads)].map((tensor) => Array.from(tensor.dataSync()));
    });
    expect(broken).toEqual(clean);
    expect(clean.flat().every(Number.isFinite)).toBe(true);
  });

  it('gives a modality that no row has no tokens', () => {
    expect(owners(create(), fixedBatch([['text'], ['text', 'audio']]))).toEqual([
      [-1, 1, 1, -1, -1, -1],
      [-1, 1, 1, 2, 2, 2],
    ]);
  });

  it('can take one pooled token of each modality, or of some', () => {
    expect(owners(create({ tokensPerModality: 'pooled' }), fixedBatch([all]))).toEqual([[-1, 0, 1, 2]]);
    expect(owners(create({ tokensPerModality: { audio: 'pooled' } }), fixedBatch([all]))).toEqual([[-1, 0, 1, 1, 2]]);
  });

  it('can put a learned token where a modality is missing, whether another row has it or not', () => {
    const fusion = create({ missing: 'embedding' });
    const mixed = fuse(fusion, fixedBatch([['text'], all]));
    const alone = fuse(fusion, fixedBatch([['text']]));
    expect(mixed.mask.arraySync()).toEqual([
      [1, 1, 1, 1, 1, 0, 0],
      [1, 1, 1, 1, 1, 1, 1],
    ]);
    expect(mixed.owner!.map.arraySync()).toEqual([
      [-1, -1, 1, 1, -1, -1, -1],
      [-1, 0, 1, 1, 2, 2, 2],
    ]);
    expect(alone.owner!.map.arraySync()).toEqual([[-1, -1, 1, 1, -1]]);
    expect(alone.mask.arraySync()).toEqual([[1, 1, 1, 1, 1]]);
    expectNear(alone.pooled.arraySync()[0], mixed.pooled.arraySync()[0], 1e-6);
    expectDiffer(alone.pooled.arraySync()[0], fuse(create(), fixedBatch([['text']])).pooled.arraySync()[0]);
  });

  it('keeps one modality from attending to another where their interaction is 0', () => {
    const imageTokens = (fusion: MaskedTransformer, audioSeed: number) => {
      const batch = fixedBatch([all], [0]);
      const other = fixedBatch([all], [audioSeed]);
      const fused = fuse(fusion, { ...batch, modalities: { ...batch.modalities, audio: other.modalities.audio } });
      return Array.from(tf.slice(fused.tokens, [0, 1, 0], [1, 1, hiddenSize]).dataSync());
    };
    const separate = create({ numHiddenLayers: 1, interactions: { image: { audio: 0 } } });
    expect(imageTokens(separate, 1)).toEqual(imageTokens(separate, 2));
    const joined = create({ numHiddenLayers: 1, interactions: { image: { audio: 0.5 } } });
    expectDiffer(imageTokens(joined, 1), imageTokens(joined, 2));
    expectDiffer(imageTokens(joined, 1), imageTokens(create({ numHiddenLayers: 1 }), 1));
  });

  it('takes no notice of interactions with modalities that are absent', () => {
    const fusion = create({ interactions: { image: { audio: 0 }, audio: { text: 0.2 } } });
    const batch = fixedBatch([['image', 'text']]);
    expectNear(pooledRows(fusion, fixedEncoders(), batch)[0], pooledRows(create(), fixedEncoders(), batch)[0], 0);
  });

  it('tells, where asked, how much of each modality the class token attends to', () => {
    const fusion = create({ reportUsage: true, interactions: { image: { audio: 0 } } });
    for (const { attention } of fusion.layers) {
      for (const { weight, bias } of [attention.query, attention.key]) {
        for (const parameter of [weight, bias!]) parameter.assignValues(new Float32Array(parameter.size));
      }
    }
    const { usage } = fuse(fusion, fixedBatch([all, ['text']]));
    // to itself, and to 1, 2 and 3 tokens, all alike
    const expected = { image: [1 / 7, 0], text: [2 / 7, 2 / 3], audio: [3 / 7, 0] };
    for (const [slot, shares] of Object.entries(expected)) {
      usage![slot].arraySync().forEach((layers, row) => {
        expect(layers).toHaveLength(2);
        for (const share of layers) expect(share).toBeCloseTo(shares[row], 6);
      });
    }
  });

  it('refuses a row without any modality', () => {
    expect(() => fuse(create(), fixedBatch([['text'], []]))).toThrow(MissingModalityError);
    expect(() => fuse(create(), fixedBatch([['text'], []]))).toThrow(
      'row 1: expected at least one of image, text, audio, received no modality',
    );
  });

  it('refuses a modality of the batch that it has no encoder for', () => {
    const fewer = fixedEncoders({ modalities: ['image'] });
    expect(() => create({}, fewer).forward(fewer, fixedBatch([all]), inferenceContext())).toThrow(UnknownNameError);
  });

  it.each([
    [{ gate: ['imge'] }, 'fusion.gate: expected the name of an encoder slot, received "imge". Did you mean "image"?'],
    [
      { interactions: { image: { sound: 1 } } },
      'fusion.interactions: expected the name of an encoder slot, received "sound"',
    ],
    [
      { tokensPerModality: { txt: 'pooled' } },
      'fusion.tokensPerModality: expected the name of an encoder slot, received "txt"',
    ],
    [{ interactions: { image: { audio: 2 } } }, 'fusion.interactions.image.audio'],
  ])('names what is wrong in %o', (options, message) => {
    expect(() => create(options)).toThrow(message);
  });
});

describe('MaskedTransformer with a gated modality', () => {
  const batch = fixedBatch([all, ['image', 'text'], ['audio']]);
  const gated = create({ gate: ['audio'] });
  const gates = [...gated.parameters()].flatMap(([path, parameter]) => (path.endsWith('gate') ? [parameter] : []));

  it('is at first the model without it, to the bit', () => {
    const fewer = fixedEncoders({ modalities: ['image', 'text'] });
    const known = fixedBatch([
      ['image', 'text'],
      ['image', 'text'],
    ]);
    const before = pooledRows(create({}, fewer), fewer, known);
    const after = pooledRows(gated, fixedEncoders(), fixedBatch([all, ['image', 'text']]));
    expect(after).toEqual(before);
  });

  it('has a gradient at the closed gate, which so can open', () => {
    const loss = () => tf.sum(tf.square(gated.forward(fixedEncoders(), batch, inferenceContext()).tokens)) as tf.Scalar;
    const { grads } = tf.variableGrads(
      loss,
      gates.map((gate) => gate.value as tf.Variable),
    );
    for (const gradient of Object.values(grads)) expect(Math.abs(gradient.dataSync()[0])).toBeGreaterThan(1e-6);
  });

  it('lets it in as the gate opens, in the rows that have it alone', () => {
    const before = pooledRows(gated, fixedEncoders(), batch);
    for (const gate of gates) gate.assignValues(Float32Array.of(0.5));
    const after = pooledRows(gated, fixedEncoders(), batch);
    expectDiffer(after[0], before[0]);
    expect(after[1]).toEqual(before[1]);
    expectDiffer(after[2], before[2]);
    for (const gate of gates) gate.assignValues(Float32Array.of(0));
  });
});

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(Math.max(...actual.map((value, index) => Math.abs(value - expected[index])))).toBeLessThanOrEqual(tolerance);
}

function expectDiffer(actual: readonly number[], other: readonly number[]): void {
  expect(Math.max(...actual.map((value, index) => Math.abs(value - other[index])))).toBeGreaterThan(1e-3);
}
