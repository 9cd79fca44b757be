import { initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Embedding } from './embedding';
import { describeParity } from './testing/parity';

describeParity<{ numEmbeddings: number; embeddingDim: number }, Embedding>('embedding', {
  create: ({ numEmbeddings, embeddingDim }) => new Embedding(numEmbeddings, embeddingDim),
  forward: (layer, { ids }) => layer.forward(ids),
});

describe('Embedding', () => {
  it('says what to do about ids that are not integers', () => {
    const layer = new Embedding(6, 4);
    initialize(layer, RandomKey.from(0));
    expect(() => layer.forward(tf.tensor1d([0, 1], 'float32'))).toThrow(
      'Embedding ids: expected an int32 tensor, received float32. Make the feature an Int32Array',
    );
  });

  it('refuses an empty table', () => {
    expect(() => new Embedding(0, 4)).toThrow('Embedding numEmbeddings: expected a positive integer, received 0.');
  });
});
