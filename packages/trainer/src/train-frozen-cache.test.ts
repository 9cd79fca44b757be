import { ConfigError, type Context, type ModalityBatch, type Model, type Tokens } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tinyModel } from './testing/tiny-model';
import { train } from './train';

/** Four questions about each of eight pictures, which come again in each epoch. */
const data = Array.from({ length: 32 }, (_, index) => ({
  a: [index % 8, 1],
  b: [Math.floor(index / 8)],
  targets: { digit: ((index % 8) + index) % 3 },
}));
const options = { data, epochs: 2, batchSize: 8, freeze: ['encoders.a'], learningRate: 0.05, progress: false } as const;

/** A model whose fusion begins with the tokens of `a`, and how often it has computed them. */
function modelThatStarts(): { readonly model: Model; readonly computed: () => number; readonly taken: () => number } {
  const model = tinyModel({ modalities: ['a', 'b'] });
  const { a } = model.encoders;
  const embed = a.embed.bind(a);
  let [computed, taken] = [0, 0];
  a.embed = (input: ModalityBatch, context: Context): Tokens => {
    const { startTokens, mask } = input.features;
    if (!startTokens) return embed(input, context);
    taken++;
    return { tokens: startTokens as tf.Tensor3D, mask: mask as tf.Tensor2D, rows: input.rows };
  };
  model.fusion.start = () => ({
    slot: 'a',
    uses: (path) => path === 'weight' || path === 'bias',
    compute(input, context) {
      computed++;
      return { startTokens: embed(input, context).tokens };
    },
  });
  return { model, computed: () => computed, taken: () => taken };
}

const valuesOf = (model: Model) =>
  [...model.parameters()].map(([path, { value }]) => [path, ...value.dataSync()] as const);

describe('what frozen layers make of values that come again', () => {
  it('is computed once for each value, and what is learned is the same', async () => {
    const { model, computed, taken } = modelThatStarts();
    const plain = tinyModel({ modalities: ['a', 'b'] });
    await train(model, { ...options, frozenCacheBytes: 2 ** 20 });
    await train(plain, options);
    expect(computed()).toBe(8);
    expect(taken()).toBeGreaterThan(0);
    expect(valuesOf(model)).toEqual(valuesOf(plain));
  });

  it('is computed again where memory does not hold it', async () => {
    const { model, computed } = modelThatStarts();
    const plain = tinyModel({ modalities: ['a', 'b'] });
    await train(model, { ...options, frozenCacheBytes: 100 });
    await train(plain, options);
    expect(computed()).toBeGreaterThan(40);
    expect(valuesOf(model)).toEqual(valuesOf(plain));
  });

  it('is nothing where these layers learn, or nobody asks', async () => {
    const learning = modelThatStarts();
    await train(learning.model, { ...options, freeze: [], frozenCacheBytes: 2 ** 20 });
    const unasked = modelThatStarts();
    await train(unasked.model, options);
    expect([learning.computed(), unasked.computed()]).toEqual([0, 0]);
  });

  it('is refused of a fusion that has no such layers', async () => {
    const training = train(tinyModel(), { ...options, data: data.slice(0, 8), frozenCacheBytes: 1 });
    await expect(training).rejects.toThrow(ConfigError);
    await expect(training).rejects.toThrow('train.frozenCacheBytes: expected a fusion');
  });
});
