import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { CaptureError, ExportError } from '../errors';
import { registerOnnxBackend } from '../register-onnx-backend';
import { draw } from '../testing/exported-models';
import { compile } from './compile';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** Tokens attend to memory slots: (B, N, 6) and (B, C, 6) → (B, N, 6), and of each the last token, (B, 6). */
function attend({ tokens, slots }: tf.NamedTensorMap) {
  const [batch, length] = tokens!.shape as [number, number];
  const logits = tf.matMul(tokens as tf.Tensor3D, slots as tf.Tensor3D, false, true);
  const attended = tf.matMul(tf.softmax(logits), slots as tf.Tensor3D);
  const flat = tf.reshape(attended, [batch * length, 6]);
  return {
    attended: tf.reshape(flat, [batch, length, 6]),
    last: tf.slice(attended, [0, length - 1, 0], [batch, 1, 6]),
  };
}

describe('a function compiled with dynamic axes', () => {
  it('is one program for all their sizes, 1 among them', () => {
    const compiled = compile(attend, { dynamicAxes: { tokens: { 1: 'length' }, slots: { 1: 'capacity' } } });
    for (const [length, capacity] of [
      [4, 8],
      [1, 8],
      [9, 3],
      [2, 1],
      [1, 64],
    ] as const) {
      const inputs = { tokens: draw([2, length, 6], length), slots: draw([2, capacity, 6], capacity) };
      const [actual, expected] = [compiled(inputs), attend(inputs)];
      for (const name of ['attended', 'last'] as const) {
        expect(actual[name].shape).toEqual(expected[name].shape);
        const values = actual[name].dataSync();
        expected[name].dataSync().forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-6));
      }
    }
    expect(compiled.statistics()).toMatchObject({ programs: 1, compilations: 1, runs: 5 });
    compiled({ tokens: draw([3, 4, 6], 1), slots: draw([3, 4, 6], 2) });
    expect(compiled.statistics()).toMatchObject({ programs: 2, compilations: 2 });
    compiled.dispose();
  });

  it('writes donated inputs in place at every size', () => {
    const write = ({ cache, places, rows }: tf.NamedTensorMap) => ({
      next: tf.tensorScatterUpdate(cache!, places!, rows!),
      count: tf.sum(places!),
    });
    const compiled = compile(write, {
      dynamicAxes: { places: { 0: 'added' }, rows: { 0: 'added' } },
      donate: { cache: 'next' },
    });
    let cache: tf.Tensor = tf.zeros([6, 2]);
    for (const slots of [[0, 1, 2], [3], [4, 5]]) {
      const places = tf.tensor2d(slots, [slots.length, 1], 'int32');
      cache = compiled({ cache, places, rows: tf.fill([slots.length, 2], slots[0]! + 1) }).next;
    }
    expect([...cache.dataSync()]).toEqual([1, 1, 1, 1, 1, 1, 4, 4, 5, 5, 5, 5]);
    expect(compiled.statistics()).toMatchObject({ programs: 1, compilations: 1 });
  });

  it('refuses axes of one name that differ, and functions that are another graph at another size', () => {
    const sum = compile(({ a, b }) => tf.add(a!, b!), { dynamicAxes: { a: { 0: 'n' }, b: { 0: 'n' } } });
    sum({ a: tf.ones([3]), b: tf.ones([3]) });
    expect(() => sum({ a: tf.ones([3]), b: tf.ones([1]) })).toThrow(CaptureError);
    const powers = compile(
      ({ x }) => Array.from({ length: x!.shape[0]! }).reduce<tf.Tensor>((y) => tf.mul(y, x!), x!),
      {
        dynamicAxes: { x: { 0: 'n' } },
      },
    );
    expect(() => powers({ x: tf.ones([3]) })).toThrow(ExportError);
  });
});
