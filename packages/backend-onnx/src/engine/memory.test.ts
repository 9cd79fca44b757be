import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectEqual } from '../testing/same-as-cpu';

/** What tf.memory() says after a program, against before. */
function growth(program: () => unknown) {
  const before = tf.memory();
  program();
  const after = tf.memory();
  return {
    tensors: after.numTensors - before.numTensors,
    buffers: after.numDataBuffers - before.numDataBuffers,
    bytes: after.numBytes - before.numBytes,
    unreliable: after.unreliable,
  };
}

describe('tf.memory, as on the cpu backend,', () => {
  const programs: Record<string, () => unknown> = {
    'counts what was recorded and not yet computed': () => tf.add(tf.ones([2, 3]), 1),
    'counts tensors of every type': () => [
      tf.tensor1d([1, 2], 'int32'),
      tf.tensor1d([1, 0], 'bool'),
      tf.tensor1d(['a', 'bcd']),
      tf.complex([1, 2], [3, 4]),
      tf.scalar(1),
      tf.zeros([0, 3]),
    ],
    'forgets what tidy disposed, but not what it returned': () =>
      tf.tidy(() => {
        const x = tf.mul(tf.ones([4]), 2);
        tf.exp(x);
        return { sum: tf.sum(x), list: [tf.neg(x), { deep: tf.abs(x) }] };
      }),
    'keeps what tf.keep asks for': () => tf.tidy(() => void tf.keep(tf.add(tf.ones([3]), 1))),
    'counts views once': () => {
      const x = tf.ones([2, 3]);
      return [tf.reshape(x, [6]), tf.expandDims(x), tf.clone(x), tf.reshape(x, [-1])];
    },
    'counts a view whose original is gone': () => {
      const x = tf.add(tf.ones([2, 3]), 1);
      const view = tf.reshape(x, [6]);
      x.dispose();
      return view;
    },
    'counts variables through assign and dispose': () => {
      const kept = tf.variable(tf.zeros([3]));
      kept.assign(tf.ones([3]));
      const gone = tf.variable(tf.zeros([5]), true);
      gone.assign(tf.mul(tf.ones([5]), 3));
      gone.dispose();
    },
    'counts many outputs': () => [tf.split(tf.ones([4, 2]), 2), tf.topk(tf.ones([5]), 2), tf.unstack(tf.ones([3, 2]))],
    'counts gradients': () =>
      tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.matMul(a, b)))([tf.ones([2, 3]), tf.ones([3, 2])]),
    'does not count a tensor twice that is disposed twice': () => {
      const x = tf.add(tf.ones([3]), 1);
      x.dispose();
      x.dispose();
      tf.dispose({ x, y: [tf.ones([2])] });
    },
    'counts what was read': () => tf.matMul(tf.ones([4, 4]), tf.ones([4, 4])).dataSync(),
    'counts what an optimiser keeps': () => {
      const weight = tf.variable(tf.ones([3]));
      const optimizer = tf.train.adam(0.1);
      for (let i = 0; i < 3; i++) optimizer.minimize(() => tf.sum(tf.square(weight)) as tf.Scalar);
    },
  };
  for (const [name, program] of Object.entries(programs)) {
    it(name, async () => {
      const result = await expectEqual(() => growth(program));
      expect(result.unreliable).toBe(true);
    });
  }

  it('is not asked for a tensor that was disposed: reading it says so', async () => {
    const message = await expectEqual(() => {
      const x = tf.ones([2]);
      x.dispose();
      try {
        x.dataSync();
        return 'nothing';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(message).toMatch(/disposed/);
  });
});
