import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { captureFunction, currentOnnxBackend } from '../capture/capture-function';
import { traceAtSizes } from '../export/trace-at-sizes';
import { registerOnnxBackend } from '../register-onnx-backend';
import type { Session } from '../session';
import { SessionByWork } from './session-by-work';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

const weight = () => tf.zeros([64, 64]) as tf.Tensor2D;
const fn = ({ x }: tf.NamedTensorMap) => tf.matMul(x as tf.Tensor2D, weight());
const session = (): Session => ({ run: () => undefined, dispose: vi.fn() });

describe('a compiled graph of varying sizes', () => {
  it('has one thread where there is little to do and several where there is much, and makes each once', () => {
    const example = { x: { shape: [4, 64], dtype: 'float32' as const } };
    const traced = traceAtSizes(currentOnnxBackend(), fn, example, { dynamicAxes: { x: { 0: 'rows' } } });
    const create = vi.fn(session);
    const sessions = new SessionByWork(traced, create);
    const [few, many] = [sessions.at({ rows: 1 }), sessions.at({ rows: 10_000 })]; // 4 thousand operations, 41 million
    expect(few).not.toBe(many);
    expect(sessions.at({ rows: 2 })).toBe(few);
    expect(create.mock.calls).toEqual([[true], [false]]);
    sessions.dispose();
    for (const made of [few, many]) expect(made.dispose).toHaveBeenCalledOnce();
  });

  it('of one size only has one session', () => {
    const graph = captureFunction(currentOnnxBackend(), fn, { x: { shape: [4, 64], dtype: 'float32' } });
    const create = vi.fn(session);
    const sessions = new SessionByWork(
      { graphs: [graph], grid: { names: [], sizes: [] }, axes: {}, sources: [] },
      create,
    );
    expect(sessions.at({})).toBe(sessions.at({}));
    expect(create.mock.calls).toEqual([[true]]);
  });
});
