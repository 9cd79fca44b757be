import { FourierTransform } from './fourier-transform';

/** Computes |X[k]|² for k = 0 … size / 2 of a real frame of `size` samples. Buffers are reused between frames. */
export interface PowerSpectrum {
  readonly size: number;
  /** @param power receives floor(size / 2) + 1 values */
  compute(frame: Float64Array, power: Float64Array): void;
}

/** The power spectrum for any frame size: by one FFT of half the size where its factors allow, else by Bluestein's algorithm. */
export function createPowerSpectrum(size: number): PowerSpectrum {
  return FourierTransform.has(size / 2) ? new PackedPowerSpectrum(size) : new BluesteinPowerSpectrum(size);
}

/**
 * The transform of a real frame by one of half the size: with Z that of x[2n] + i x[2n + 1], for M = N / 2,
 * 2 X[k] = Z[k] + Z*[M − k] − i exp(−2πi k / N) (Z[k] − Z*[M − k]).
 */
class PackedPowerSpectrum implements PowerSpectrum {
  readonly #fft: FourierTransform;
  readonly #turns: Float64Array; // exp(−2πi k / N)

  constructor(readonly size: number) {
    this.#fft = new FourierTransform(size / 2);
    this.#turns = new Float64Array(size);
    for (let k = 0; k < size / 2; k++) {
      this.#turns[2 * k] = Math.cos((-2 * Math.PI * k) / size);
      this.#turns[2 * k + 1] = Math.sin((-2 * Math.PI * k) / size);
    }
  }

  compute(frame: Float64Array, power: Float64Array): void {
    this.#fft.input.set(frame);
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

/**
 * The discrete Fourier transform as a convolution with a chirp (Bluestein 1970): with w[n] = exp(−iπn²/N),
 * X[k] = w[k] · Σ x[n] w[n] · conj(w[k − n]). The factor w[k] has magnitude 1 and is left out of the power.
 */
class BluesteinPowerSpectrum implements PowerSpectrum {
  readonly #fft: FourierTransform;
  readonly #chirp: Float64Array; // w, real and imaginary parts in turn
  readonly #filter: Float64Array; // spectrum of conj(w)

  constructor(readonly size: number) {
    const length = 2 ** Math.ceil(Math.log2(2 * size - 1));
    this.#fft = new FourierTransform(length);
    this.#chirp = new Float64Array(2 * size);
    const filter = this.#fft.input;
    for (let n = 0; n < size; n++) {
      const angle = (Math.PI * ((n * n) % (2 * size))) / size;
      const [real, imaginary] = [Math.cos(angle), Math.sin(angle)];
      this.#chirp[2 * n] = real;
      this.#chirp[2 * n + 1] = -imaginary;
      for (const index of n === 0 ? [0] : [n, length - n]) {
        filter[2 * index] = real;
        filter[2 * index + 1] = imaginary;
      }
    }
    this.#filter = this.#fft.transform().slice();
  }

  compute(frame: Float64Array, power: Float64Array): void {
    const input = this.#fft.input.fill(0);
    for (let n = 0; n < this.size; n++) {
      input[2 * n] = frame[n] * this.#chirp[2 * n];
      input[2 * n + 1] = frame[n] * this.#chirp[2 * n + 1];
    }
    conjugateProduct(this.#fft.transform(), this.#filter); // where the next input stands
    const convolved = this.#fft.transform(); // conjugated, and `length` times as large
    for (let k = 0; k < power.length; k++) {
      power[k] = (convolved[2 * k] ** 2 + convolved[2 * k + 1] ** 2) / this.#fft.size ** 2;
    }
  }
}

/** conj(values · factors), in place: the transform of the conjugate is the conjugate of the inverse transform. */
function conjugateProduct(values: Float64Array, factors: Float64Array): void {
  for (let i = 0; i < values.length; i += 2) {
    const real = values[i] * factors[i] - values[i + 1] * factors[i + 1];
    values[i + 1] = -(values[i] * factors[i + 1] + values[i + 1] * factors[i]);
    values[i] = real;
  }
}
