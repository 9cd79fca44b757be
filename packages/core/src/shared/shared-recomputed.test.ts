import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { useBackend } from '../backend/use-backend';
import type { ModalityBatch } from '../batch';
import { type Context, trainingContext } from '../context';
import { Encoder } from '../encoder';
import { initialize } from '../module';
import { Parameter } from '../parameter';
import { RandomKey } from '../random-key';
import type { EncodedTokens, Tokens } from '../tokens';
import { SharedEncoder } from './shared-encoder';
import { distinctValues } from './shared-processor';

/** Tokens (P, N, 1) of numbers times a weight; each layer squares them, with noise in training. */
class Squares extends Encoder {
  readonly depth = 2;
  readonly hiddenSize = 1;
  readonly weight = new Parameter([], () => Float32Array.of(0.5));
  seen: number[] = [];

  embed({ features, rows }: ModalityBatch): Tokens {
    const { values } = features as { values: tf.Tensor2D };
    return {
      tokens: tf.expandDims(tf.mul(values, this.weight.value), 2) as tf.Tensor3D,
      mask: tf.onesLike(values),
      rows,
    };
  }

  layer(_: number, tokens: Tokens, context: Context): Tokens {
    this.seen.push(tokens.tokens.shape[0]);
    const noise = context.drawFor<tf.Rank.R3>(this, tokens.tokens.shape, (key) => key.normal(tokens.tokens.size));
    return { ...tokens, tokens: tf.add<tf.Tensor3D>(tf.square(tokens.tokens), noise) };
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.sum<tf.Tensor2D>(tokens.tokens, 1) };
  }
}

it('a shared slot computes its layers again for each value once, with the same noise and gradients', async () => {
  await useBackend('cpu');
  const each = new Squares();
  const shared = new SharedEncoder(each);
  initialize(shared, RandomKey.from(0));
  const learn = (rematerialize: boolean) => {
    each.seen = [];
    const gradient = tf.tidy(() => {
      const features = {
        values: tf.tensor2d([1, 2, 3, 4, 1, 2], [3, 2]),
        [distinctValues]: tf.tensor2d([1, 0, 0, 1, 1, 0], [3, 2]),
      };
      const context = trainingContext(RandomKey.from(1), shared, { rematerialize });
      const loss = () => tf.sum(shared.encode({ rows: Int32Array.of(0, 1, 2), features }, context).pooled) as tf.Scalar;
      const { grads } = tf.variableGrads(loss, [each.weight.value as tf.Variable]);
      return Object.values(grads)[0].dataSync()[0];
    });
    return { gradient, seen: each.seen };
  };
  const [kept, again] = [learn(false), learn(true)];
  expect(again.gradient).toBe(kept.gradient);
  expect(kept.seen).toEqual([2, 2]);
  expect(again.seen).toEqual([2, 2, 2, 2]);
});
