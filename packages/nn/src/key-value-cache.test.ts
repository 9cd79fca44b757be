import { compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { slotPlaces, writeSlots } from './key-value-cache';

registerOnnxBackend();

it('writes the keys of a long prompt in a compiled step too, which ONNX Runtime places in parallel', async () => {
  await tf.setBackend('onnx');
  const [heads, length, width, slots] = [2, 512, 136, 600]; // 139,264 numbers: more than one thread places in order
  const values = Float32Array.from({ length: heads * length * width }, (_, index) => index + 1);
  const places = slotPlaces([1, heads, length], 50);
  const write = compile(
    ({ cache, places, added }: { cache: tf.Tensor4D; places: tf.Tensor2D; added: tf.Tensor4D }) => ({
      next: writeSlots(cache, places, added),
    }),
    { donate: { cache: 'next' } },
  );
  const { next } = write({
    cache: tf.zeros<tf.Rank.R4>([1, heads, slots, width]),
    places: tf.tensor2d(places, [heads * length, 3], 'int32'),
    added: tf.tensor4d(values, [1, heads, length, width]),
  });
  const expected = new Float32Array(heads * slots * width);
  for (let head = 0; head < heads; head++) {
    const own = values.subarray(head * length * width, (head + 1) * length * width);
    expected.set(own, (head * slots + 50) * width);
  }
  expect(tf.util.arraysEqual([...next.dataSync()], [...expected])).toBe(true);
  write.dispose();
});
