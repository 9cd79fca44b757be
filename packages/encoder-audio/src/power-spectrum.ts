import { createFourierTransform } from './create-fourier-transform';
import type { FourierTransform } from './fourier-transform';

/** Computes |X[k]|² for k = 0 … size / 2 of a real frame of `size` samples. Buffers are reused between frames. */
export interface PowerSpectrum {
  readonly size: number;
  /** @param power receives floor(size / 2) + 1 values */
  compute(frame: Float64Array, power: Float64Array): void;
}

/** The power spectrum for any frame size, of an even one by a transform of half the size. */
export function createPowerSpectrum(size: number): PowerSpectrum {
  return size % 2 === 0 ? new PackedPowerSpectrum(size) : new OddPowerSpectrum(size);
}

/**
 * The transform of a real frame by one of half the size: with Z that of x[2n] + i x[2n + 1], for M = N / 2,
 * 2 X[k] = Z[k] + Z*[M − k] − i exp(−2πi k / N) (Z[k] − Z*[M − k]).
 */
class PackedPowerSpectrum implements PowerSpectrum {
  readonly #fft: FourierTransform;
  readonly #turns: number[]; // exp(−2πi k / N)

  constructor(readonly size: number) {
    this.#fft = createFourierTransform(size / 2);
    const angles = Array.from({ length: size / 2 }, (_, k) => (-2 * Math.PI * k) / size);
    this.#turns = angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  }

  compute(frame: Float64Array, power: Float64Array): void {
    const { input } = this.#fft;
    for (let n = 0; n < this.size; n++) input[n] = frame[n];
    const z = this.#fft.transform();
    const half = this.size / 2;
    const turns = this.#turns;
    power[0] = (z[0] + z[1]) ** 2;
    power[half] = (z[0] - z[1]) ** 2;
    for (let k = 1; k < half; k++) {
      const mirror = 2 * (half - k);
      const sumR = z[2 * k] + z[mirror];
      const sumI = z[2 * k + 1] - z[mirror + 1];
      const differenceR = z[2 * k] - z[mirror];
      const differenceI = z[2 * k + 1] + z[mirror + 1];
      const turnR = turns[2 * k];
      const turnI = turns[2 * k + 1];
      const real = sumR + turnR * differenceI + turnI * differenceR;
      const imaginary = sumI - turnR * differenceR + turnI * differenceI;
      power[k] = (real * real + imaginary * imaginary) / 4;
    }
  }
}

class OddPowerSpectrum implements PowerSpectrum {
  readonly #fft: FourierTransform;

  constructor(readonly size: number) {
    this.#fft = createFourierTransform(size);
  }

  compute(frame: Float64Array, power: Float64Array): void {
    const { input } = this.#fft;
    for (let n = 0; n < this.size; n++) {
      input[2 * n] = frame[n];
      input[2 * n + 1] = 0;
    }
    const x = this.#fft.transform();
    for (let k = 0; k < power.length; k++) power[k] = x[2 * k] ** 2 + x[2 * k + 1] ** 2;
  }
}
