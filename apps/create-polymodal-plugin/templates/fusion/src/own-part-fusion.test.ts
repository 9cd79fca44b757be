import {
  type EncodedTokens,
  Encoder,
  inferenceContext,
  initialize,
  type ModalityBatch,
  RandomKey,
  type Tokens,
} from '@polymodal/core';
import { describeFusion } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { OwnPartFusion, ownPartFusion } from './index.js';

describeFusion(ownPartFusion);

/** Gives the vectors that it was made with. */
class Given extends Encoder {
  readonly hiddenSize = 2;
  readonly depth = 0;

  constructor(readonly vectors: number[][]) {
    super();
  }

  embed({ rows }: ModalityBatch): Tokens {
    return { tokens: tf.tensor3d([this.vectors]), mask: tf.ones([1, this.vectors.length]), rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.tensor2d(this.vectors) };
  }
}

// The conformance kit cannot know what your fusion computes: hold that against something you did not write.
it('takes the largest of what a row has, number by number', () => {
  const encoders = {
    first: new Given([[1, -2]]),
    second: new Given([
      [-4, 3],
      [0.5, 0.5],
    ]),
  };
  const fusion = new OwnPartFusion(3, 0, encoders);
  initialize(fusion, RandomKey.from(0));
  const modalities = {
    first: { rows: Int32Array.of(1), features: {} },
    second: { rows: Int32Array.of(0, 1), features: {} },
  };
  const fused = fusion.forward(encoders, { size: 2, modalities, targets: {} }, inferenceContext());
  const projected = (slot: 'first' | 'second') =>
    fusion.projections[slot]!.forward(tf.tensor2d(encoders[slot].vectors)).arraySync() as number[][];
  const [first, second] = [projected('first'), projected('second')];
  const largest = first[0]!.map((value, index) => Math.max(value, second[1]![index]!));
  expect(fused.pooled.arraySync()).toEqual([second[0], largest]);
});
