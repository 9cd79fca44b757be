import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { OnnxBackend } from './backend';
import { FlushPolicy, periodOf } from './flush-policy';
import { registerOnnxBackend } from './register-onnx-backend';
import { Trace } from './trace';

/** A backend of its own whose traces may have so many nodes. */
async function useShortTraces(maxTraceNodes: number): Promise<OnnxBackend> {
  registerOnnxBackend();
  const name = `onnx-${maxTraceNodes}`;
  const backend = new OnnxBackend({ maxTraceNodes });
  tf.registerBackend(name, () => backend);
  tf.copyRegisteredKernels('onnx', name);
  await tf.setBackend(name);
  return backend;
}

describe('a loop that reads nothing', () => {
  for (const [maxNodes, what] of [
    [100, 'longer than its turn'],
    [25, 'shorter than its turn'],
  ] as const) {
    it(`soon compiles no more, with traces ${what}`, async () => {
      const backend = await useShortTraces(maxNodes);
      const state = tf.variable(tf.ones([3]));
      const turn = () =>
        tf.tidy(() => {
          let x = tf.add(state, 1);
          for (let i = 0; i < 10; i++) x = tf.mul(tf.sin(x), i % 3 === 0 ? x : state); // 31 nodes a turn in all
          state.assign(
            tf.tanh(tf.abs(tf.neg(tf.exp(tf.cos(tf.sin(tf.cos(tf.sin(tf.cos(tf.sin(x)))))))))) as tf.Tensor1D,
          );
        });
      for (let i = 0; i < 40; i++) turn();
      const { compilations, runs } = backend.statistics();
      for (let i = 0; i < 60; i++) turn();
      expect(backend.statistics().runs).toBeGreaterThan(runs + 10);
      expect(backend.statistics().compilations).toBe(compilations);
      expect(state.dataSync().every((value) => Math.abs(value) <= 1)).toBe(true);
    });
  }
});

describe('disposed tensors that only the open trace reads', () => {
  const isFull = (retiredBytes: number, computedValues: number) => {
    const policy = new FlushPolicy(1000, 100);
    const trace = new Trace();
    trace.add('Relu', [], [computedValues]);
    policy.retire(retiredBytes);
    return policy.isFull(trace);
  };

  it('have the trace run once they hold too much, unless it computes far more', () => {
    expect(isFull(100, 1)).toBe(false);
    expect(isFull(101, 1)).toBe(true);
    expect(isFull(101, 101)).toBe(false); // 404 bytes
    expect(isFull(102, 101)).toBe(true);
  });
});

describe('the period of a sequence', () => {
  it('is the one that reaches furthest back', () => {
    const turn = [1, 2, 2, 2, 3, 4, 4];
    expect(periodOf([9, 8, ...turn, ...turn, ...turn])).toBe(7);
    expect(periodOf([...turn, ...turn, 1, 2, 2])).toBe(7);
  });

  it('is 0 where nothing repeats', () => {
    expect(periodOf([1, 2, 3, 4])).toBe(0);
    expect(periodOf([])).toBe(0);
  });
});
