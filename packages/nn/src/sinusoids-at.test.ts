import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { sinusoidalPositions } from './sinusoidal-positions';
import { sinusoidsAt } from './sinusoids-at';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';

describeOnEveryBackend('sinusoidsAt', () => {
  it('gives each place its row of the table', () => {
    const places = [
      [0, 1, 2, 200],
      [3, 3, 0, 77],
    ];
    const table = sinusoidalPositions(201, 6).arraySync();
    const expected = places.flat().flatMap((place) => table[place]);
    // an angle of 200 is rounded to 2 ** -17 in float32
    expectClose(sinusoidsAt(tf.tensor2d(places, [2, 4], 'int32'), 6).dataSync(), expected, 2 ** -16);
  });
});
