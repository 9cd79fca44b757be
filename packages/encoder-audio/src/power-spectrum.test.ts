import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { createPowerSpectrum } from './power-spectrum';

function naivePower(frame: Float64Array): number[] {
  const size = frame.length;
  return Array.from({ length: (size >> 1) + 1 }, (_, k) => {
    let [real, imaginary] = [0, 0];
    frame.forEach((value, n) => {
      const angle = (-2 * Math.PI * ((k * n) % size)) / size;
      real += value * Math.cos(angle);
      imaginary += value * Math.sin(angle);
    });
    return real ** 2 + imaginary ** 2;
  });
}

describe('createPowerSpectrum', () => {
  it.each([1, 2, 3, 4, 5, 6, 10, 16, 30, 64, 97, 128, 194, 200, 256, 375, 400, 450, 512])(
    'is the definition of the Fourier transform for size %i',
    (size) => {
      const spectrum = createPowerSpectrum(size);
      for (const seed of [1, 2]) {
        const frame = Float64Array.from(RandomKey.from(seed).normal(size)); // the second shows that no state remains
        const power = new Float64Array((size >> 1) + 1);
        spectrum.compute(frame, power);
        naivePower(frame).forEach((expected, k) => expect(power[k]).toBeCloseTo(expected, 8));
      }
    },
  );
});
