import { type Context, initialize, Module, RandomKey, recomputed, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnEveryBackend } from './testing/every-backend';
import { seededTensor } from './testing/seeded-tensor';
import { TransformerLayer } from './transformer-layer';

class Stack extends Module {
  readonly layers = Array.from(
    { length: 3 },
    () =>
      new TransformerLayer({
        hiddenSize: 8,
        numAttentionHeads: 2,
        intermediateSize: 16,
        hiddenDropout: 0.2,
        attentionDropout: 0.2,
        dropPath: 0.2,
      }),
  );

  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    return this.layers.reduce((x, layer) => layer.forward(x, mask, context), tokens);
  }
}

/** The loss of a stack of layers, and the gradients of parameters and input. */
function learn(rematerialize: boolean, learning: (path: string) => boolean = () => true) {
  const stack = new Stack();
  initialize(stack, RandomKey.from(0));
  const tokens = tf.variable(seededTensor([2, 5, 8]));
  const mask = tf.tensor2d([1, 1, 1, 1, 0, 1, 1, 1, 0, 0], [2, 5]);
  const parameters = [...stack.parameters()].filter(([path]) => learning(path));
  const before = tf.memory().numTensors;
  const made = tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => {
      const context = trainingContext(RandomKey.from(5), stack, { rematerialize });
      const scaled = tf.mul<tf.Tensor3D>(tokens, 2); // made in this pass, and freed with it
      return tf.sum(tf.square(stack.forward(scaled, tf.mul(mask, 1), context))) as tf.Scalar;
    }, [tokens, ...parameters.map(([, own]) => own.value as tf.Variable)]);
    return [value, ...Object.values(grads)];
  });
  const left = tf.memory().numTensors - before - made.length;
  const values = made.map((own) => [...own.dataSync()]);
  tf.dispose([...made, tokens, mask]);
  stack.dispose();
  return { values, left };
}

describeOnEveryBackend('layers that are computed again', () => {
  it('have the loss and the gradients that they have else, to the bit, dropout included, and leave nothing behind', () => {
    const [kept, again] = [learn(false), learn(true)];
    expect(kept.values.length).toBeGreaterThan(40);
    expect(kept.values.flat().some((value) => value !== 0)).toBe(true);
    expect(again.values).toEqual(kept.values);
    expect([kept.left, again.left]).toEqual([0, 0]);
  });

  it('do so where some of them do not learn', () => {
    for (const learning of ['layers.0', 'layers.2']) {
      const [kept, again] = [false, true].map((own) => learn(own, (path) => path.startsWith(learning)));
      expect(again.values).toEqual(kept.values);
    }
  });

  it('may give several tensors, in records, of which some are used', () => {
    const gradients = (rematerialize: boolean) => {
      const owner = new Stack();
      const context = trainingContext(RandomKey.from(0), owner, { rematerialize });
      const weight = tf.variable(tf.tensor1d([0.5, -1, 2]));
      const f = (x: tf.Tensor) => {
        const layer = (own: tf.Tensor) => ({
          tokens: tf.mul(own, weight),
          state: new Map([['square', tf.square(tf.add(own, weight))]]),
          unused: tf.exp(own),
          rows: Int32Array.of(0),
        });
        const { tokens, state, rows } = recomputed(tf.mul(x, 3), context, layer);
        expect(rows).toEqual(Int32Array.of(0));
        return tf.add(tf.sum(tf.square(tokens)), tf.sum(state.get('square')!)) as tf.Scalar;
      };
      const made = tf.grads(f)([tf.tensor1d([1, 2, 3])]);
      return [...made[0].dataSync()];
    };
    // d/dx of Σ (3 x w)² + (3 x + w)² = 18 x w² + 6 (3 x + w)
    const closed = [1, 2, 3].map((x, i) => 18 * x * [0.25, 1, 4][i] + 6 * (3 * x + [0.5, -1, 2][i]));
    expect(gradients(true)).toEqual(closed);
    expect(gradients(false)).toEqual(closed);
  });

  it('are computed again, once, and only where gradients are made', () => {
    let calls = 0;
    const layer = (own: tf.Tensor) => {
      calls++;
      return tf.square(own);
    };
    const owner = new Stack();
    const context = () => trainingContext(RandomKey.from(0), owner, { rematerialize: true });
    expect([...recomputed(tf.scalar(2), context(), layer).dataSync()]).toEqual([4]);
    expect(calls).toBe(1);
    expect([
      ...tf
        .grad((x: tf.Tensor) => recomputed(x, context(), layer))(tf.scalar(2))
        .dataSync(),
    ]).toEqual([4]);
    expect(calls).toBe(3);
  });
});
