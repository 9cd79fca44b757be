import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { slidingWindows } from './sliding-windows';

it.each([
  { length: 23, kernelSize: 10, stride: 5 },
  { length: 24, kernelSize: 10, stride: 5 },
  { length: 9, kernelSize: 3, stride: 2 },
  { length: 10, kernelSize: 3, stride: 2 },
  { length: 11, kernelSize: 2, stride: 2 },
  { length: 11, kernelSize: 2, stride: 3 },
  { length: 7, kernelSize: 7, stride: 2 },
  { length: 8, kernelSize: 4, stride: 1 },
])('slidingWindows gives what a loop gives: $length values, $kernelSize at a time, $stride apart', (size) => {
  const { length, kernelSize, stride } = size;
  const [batch, channels] = [2, 3];
  const values = Float32Array.from({ length: batch * length * channels }, (_, at) => at);
  const expected: number[] = [];
  for (let row = 0; row < batch; row++) {
    for (let start = 0; start + kernelSize <= length; start += stride) {
      for (let at = 0; at < kernelSize * channels; at++) expected.push((row * length + start) * channels + at);
    }
  }
  const windows = slidingWindows(tf.tensor3d(values, [batch, length, channels]), kernelSize, stride);
  expect([...windows.dataSync()]).toEqual(expected);
  expect(windows.shape[2]).toBe(kernelSize * channels);
});
