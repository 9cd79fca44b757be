import { type OnnxBackend, registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  type Context,
  initialize,
  isOwnProgram,
  Module,
  RandomKey,
  recomputed,
  trainingContext,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { seededTensor } from './testing/seeded-tensor';
import { TransformerLayer } from './transformer-layer';

const [batch, length, width] = [8, 256, 64] as const;

class Stack extends Module {
  readonly layers = Array.from(
    { length: 3 },
    () => new TransformerLayer({ hiddenSize: width, numAttentionHeads: 2, intermediateSize: 64, hiddenDropout: 0.2 }),
  );

  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    return this.layers.reduce((x, layer) => layer.forward(x, mask, context), tokens);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: tf.TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

let backend: OnnxBackend;

beforeAll(async () => {
  backend = registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** The loss of a stack of layers, and the gradients of what learns and perhaps of the input. */
function learn(isApart: boolean, rows: number, learning: (path: string) => boolean, ofInput: boolean) {
  const stack = new Stack();
  initialize(stack, RandomKey.from(0));
  const tokens = tf.variable(seededTensor([rows, length, width]));
  const mask = tf.tensor2d(
    Float32Array.from({ length: rows * length }, (_, i) => Number(i % 7 < 5)),
    [rows, length],
  );
  const parameters = [...stack.parameters()]
    .filter(([path]) => learning(path))
    .map(([, own]) => own.value as tf.Variable);
  const asked = [...(ofInput ? [tokens] : []), ...parameters];
  const separation = { learned: new Set(asked.map(({ id }) => id)), isUsed: false };
  const before = { tensors: tf.memory().numTensors, ...backend.statistics() };
  const made = tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => {
      const context = trainingContext(RandomKey.from(5), stack, isApart ? { separation } : {});
      return tf.mean(tf.square(stack.forward(tf.mul(tokens, 2), tf.mul(mask, 1), context))) as tf.Scalar;
    }, asked);
    return [value, ...Object.values(grads)];
  });
  const left = tf.memory().numTensors - before.tensors - made.length;
  const values = made.map((own) => own.dataSync());
  const { runs, compilations } = backend.statistics();
  tf.dispose([...made, tokens, mask]);
  stack.dispose();
  const counts = { runs: runs - before.runs, compilations: compilations - before.compilations };
  return { values, left, isUsed: separation.isUsed, ...counts };
}

it('gives layers apart the loss and the gradients that they have together, to the bit, and leaves nothing behind', () => {
  const cases = [
    { learning: () => true, ofInput: true },
    { learning: () => true, ofInput: false },
    { learning: (path: string) => path.startsWith('layers.1'), ofInput: false }, // with frozen layers before and behind
  ];
  for (const { learning, ofInput } of cases) {
    const [together, apart] = [false, true].map((own) => learn(own, batch, learning, ofInput));
    expect([together.isUsed, apart.isUsed]).toEqual([false, true]);
    expect(apart.values.length).toBeGreaterThan(10);
    expect(apart.values.map(bytesOf).every((own, i) => own.equals(bytesOf(together.values[i])))).toBe(true);
    expect(apart.values.every((own) => own.some((value) => value !== 0))).toBe(true);
    expect([together.left, apart.left]).toEqual([0, 0]);
    expect(apart.runs).toBeGreaterThan(together.runs);
  }
});

it('frees what a layer saved for its gradients before it goes back through the one in front of it', () => {
  const stack = new Stack();
  initialize(stack, RandomKey.from(0));
  const tokens = tf.variable(seededTensor([batch, length, width]));
  const aliveOnTheWayBack = (isApart: boolean) => {
    const alive: number[] = [];
    const watched = tf.customGrad((x) => ({
      value: tf.mul(x as tf.Tensor, 1),
      gradFunc: (dy) => {
        alive.push(tf.memory().numTensors);
        return dy;
      },
    }));
    const separation = { learned: new Set([tokens.id]), isUsed: false };
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const context = trainingContext(RandomKey.from(5), stack, isApart ? { separation } : {});
        const output = stack.forward(watched(tokens) as tf.Tensor3D, tf.ones([batch, length]), context);
        return tf.sum(watched(output)) as tf.Scalar;
      }, [tokens]);
      grads[tokens.name].dataSync(); // so that nothing is put off beyond the test
    });
    return alive;
  };
  const [behind, before] = aliveOnTheWayBack(true);
  expect(behind - before).toBeGreaterThan(30); // of each of three layers norms, products, masks of dropout
  const [last, first] = aliveOnTheWayBack(false);
  expect(last - first).toBeLessThan(0); // all of it is there to the end, and gradients beside it
  tokens.dispose();
  stack.dispose();
});

it('compiles one program for all layers, and one for their gradients', () => {
  const first = learn(true, batch + 1, () => true, true);
  // What comes before, a layer, what comes behind with its gradients, those of a layer, and of what comes before.
  expect(first.runs).toBe(9);
  expect(first.compilations).toBeLessThanOrEqual(5);
  expect(learn(true, batch + 1, () => true, true).compilations).toBe(0);
});

it('leaves small layers together', () => {
  expect(isOwnProgram(batch * length * width, width)).toBe(true);
  expect(isOwnProgram((batch - 1) * length * width, width)).toBe(false);
  const small = learn(true, batch - 1, () => true, true);
  expect([small.isUsed, small.runs]).toEqual([false, 1]);
});

it('refuses gradients through an operation that has none, as TensorFlow.js does, and only those', () => {
  const owner = new Stack();
  const gradient = (layer: (x: tf.Tensor) => tf.Tensor) => {
    const x = tf.variable(tf.ones([batch, length, width]));
    const separation = { learned: new Set([x.id]), isUsed: false };
    const context = trainingContext(RandomKey.from(0), owner, { separation });
    try {
      return tf.tidy(() =>
        tf
          .variableGrads(() => tf.sum(recomputed(x as tf.Tensor, context, layer)) as tf.Scalar, [x])
          .grads[x.name].dataSync(),
      );
    } finally {
      x.dispose();
    }
  };
  const shift = tf.fill([width], 0.25);
  expect(() => gradient((x) => tf.mul(x, tf.cast(tf.isNaN(tf.add(x, shift)), 'float32')))).not.toThrow();
  expect(() => gradient((x) => tf.cumprod(x, 1))).toThrow(/gradient function not found for Cumprod/);
  const some = gradient((x) => tf.mul(x, tf.cumprod(shift))); // what has none depends on nothing that learns
  expect(some[1]).toBe(0.25 ** 2);
  tf.dispose(shift);
});
