import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { frameMask } from './frame-mask';

const convolutions = [
  { kernelSize: 10, stride: 5 },
  { kernelSize: 3, stride: 2 },
  { kernelSize: 2, stride: 2 },
];

it('frameMask keeps the frames whose every sample takes part', () => {
  const samples = 60;
  const lengths = Array.from({ length: samples + 1 }, (_, length) => length);
  const mask = lengths.map((length) => Array.from({ length: samples }, (_, at) => (at < length ? 1 : 0)));
  const frames = convolve(samples);
  const expected = lengths.map((length) => Array.from({ length: frames }, (_, at) => (at < convolve(length) ? 1 : 0)));
  expect(frameMask(tf.tensor2d(mask), convolutions, frames).arraySync()).toEqual(expected);
});

/** How many positions each kernel has, one after the other. */
function convolve(samples: number): number {
  return convolutions.reduce((length, { kernelSize, stride }) => {
    let count = 0;
    for (let start = 0; start + kernelSize <= length; start += stride) count++;
    return count;
  }, samples);
}
