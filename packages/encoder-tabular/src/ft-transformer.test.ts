import { inferenceContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { FtTransformer } from './ft-transformer';
import { assignFixture, expectClose, expectParity, fixture, fixtureFields, fixtureRows } from './testing/fixture';

const create = () =>
  new FtTransformer({
    hiddenSize: 8,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    intermediateSize: 10,
    attentionDropout: 0,
    activationDropout: 0,
    hiddenDropout: 0,
    layerNormEps: 1e-5,
    fields: fixtureFields,
  });

describe('FtTransformer', () => {
  it('is that of its authors, forward and gradient', () => expectParity('ft', create()));

  it('has a token for its class and for each cell, in which a missing one takes no part: as if its column were not there', () => {
    const encoder = create();
    assignFixture('ft', encoder);
    const mask = tf.tile(tf.tensor2d([[1, 0, 1, 0, 1]]), [4, 1]) as tf.Tensor2D;
    const { tokens, mask: tokenMask, pooled } = encoder.encode(fixtureRows(mask), inferenceContext());
    expectClose(pooled, fixture('ft.without.output'));
    expect(tokens.shape).toEqual([4, 6, 8]);
    expect(tokenMask.arraySync()[0]).toEqual([1, 1, 0, 1, 0, 1]);
  });
});
