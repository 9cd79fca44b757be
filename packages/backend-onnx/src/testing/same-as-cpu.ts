import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';

/** Runs the same on the cpu backend and on this one, each in a tidy scope; the cpu backend first. */
export async function onBoth<T>(run: () => T | Promise<T>): Promise<{ cpu: T; onnx: T }> {
  registerOnnxBackend();
  const results: T[] = [];
  for (const name of ['cpu', 'onnx']) {
    await tf.setBackend(name);
    tf.engine().startScope();
    try {
      results.push(await run());
    } finally {
      tf.engine().endScope();
    }
  }
  return { cpu: results[0]!, onnx: results[1]! };
}

/** Expects exactly the same from both backends, and gives it back. */
export async function expectEqual<T>(run: () => T | Promise<T>): Promise<T> {
  const { cpu, onnx } = await onBoth(run);
  expect(onnx).toEqual(cpu);
  return onnx;
}

/** Expects the same numbers from both backends, up to `tolerance` and twice that share of their size. */
export async function expectClose(run: () => number[] | Promise<number[]>, tolerance = 1e-5): Promise<number[]> {
  const { cpu, onnx } = await onBoth(run);
  expect(onnx.length).toBe(cpu.length);
  onnx.forEach((value, i) => {
    const distance = Math.abs(value - cpu[i]!);
    expect(distance, `number ${i}: ${value}, expected ${cpu[i]}`).toBeLessThanOrEqual(
      tolerance + 2 * tolerance * Math.abs(cpu[i]!),
    );
  });
  return onnx;
}
