import { inferenceContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { TabularMlp } from './tabular-mlp';
import { assignFixture, expectParity, fixtureFields, fixtureRows } from './testing/fixture';

function create() {
  const encoder = new TabularMlp({
    hiddenSize: 6,
    numHiddenLayers: 2,
    hiddenDropout: 0,
    embeddingSize: 5,
    numFrequencies: 4,
    frequencyScale: 0.5,
    fields: fixtureFields,
  });
  encoder.missing.assign(tf.fill([5, 5], 0.3));
  return encoder;
}

describe('TabularMlp', () => {
  it('is the MLP over periodic embeddings of its authors, forward and gradient', () => expectParity('mlp', create()));

  it('has a learned vector in place of a missing cell', () => {
    const encoder = create();
    assignFixture('mlp', encoder);
    const mask = tf.tile(tf.tensor2d([[1, 0, 1, 1, 1]]), [4, 1]) as tf.Tensor2D;
    const before = encoder.encode(fixtureRows(), inferenceContext()).pooled;
    const embedded = encoder.embed(fixtureRows(mask)).tokens.arraySync();
    for (const [[token], [own]] of embedded.map((row, index) => [
      row,
      encoder.embed(fixtureRows()).tokens.arraySync()[index],
    ])) {
      expect(token.slice(5, 10)).toEqual(Array.from(Float32Array.of(0.3, 0.3, 0.3, 0.3, 0.3)));
      expect([...token.slice(0, 5), ...token.slice(10)]).toEqual([...own.slice(0, 5), ...own.slice(10)]);
    }
    expect(before.shape).toEqual([4, 6]);
  });
});
