import FFT from 'fft.js';

/** Computes |X[k]|² for k = 0 … size / 2 of a real frame of `size` samples. Buffers are reused between frames. */
export interface PowerSpectrum {
  readonly size: number;
  /** @param power receives floor(size / 2) + 1 values */
  compute(frame: Float64Array, power: Float64Array): void;
}

/** The power spectrum for any frame size: by one FFT where it is a power of two, else by Bluestein's algorithm. */
export function createPowerSpectrum(size: number): PowerSpectrum {
  return size > 1 && Number.isInteger(Math.log2(size))
    ? new RadixPowerSpectrum(size)
    : new BluesteinPowerSpectrum(size);
}

class RadixPowerSpectrum implements PowerSpectrum {
  readonly #fft: FFT;
  readonly #spectrum: number[];

  constructor(readonly size: number) {
    this.#fft = new FFT(size);
    this.#spectrum = this.#fft.createComplexArray();
  }

  compute(frame: Float64Array, power: Float64Array): void {
    this.#fft.realTransform(this.#spectrum, frame);
    squareMagnitudes(this.#spectrum, power);
  }
}

/**
 * The discrete Fourier transform as a convolution with a chirp (Bluestein 1970): with w[n] = exp(−iπn²/N),
 * X[k] = w[k] · Σ x[n] w[n] · conj(w[k − n]). The factor w[k] has magnitude 1 and is left out of the power.
 */
class BluesteinPowerSpectrum implements PowerSpectrum {
  readonly #fft: FFT;
  readonly #chirp: Float64Array; // w, real and imaginary parts in turn
  readonly #filter: number[]; // spectrum of conj(w)
  readonly #input: number[];
  readonly #spectrum: number[];
  readonly #convolved: number[];

  constructor(readonly size: number) {
    const length = 2 ** Math.max(1, Math.ceil(Math.log2(2 * size - 1)));
    this.#fft = new FFT(length);
    this.#input = this.#fft.createComplexArray().fill(0);
    this.#spectrum = this.#fft.createComplexArray();
    this.#convolved = this.#fft.createComplexArray();
    this.#filter = this.#fft.createComplexArray();
    this.#chirp = new Float64Array(2 * size);
    const filter = this.#fft.createComplexArray().fill(0);
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
    this.#fft.transform(this.#filter, filter);
  }

  compute(frame: Float64Array, power: Float64Array): void {
    for (let n = 0; n < this.size; n++) {
      this.#input[2 * n] = frame[n] * this.#chirp[2 * n];
      this.#input[2 * n + 1] = frame[n] * this.#chirp[2 * n + 1];
    }
    this.#fft.transform(this.#spectrum, this.#input);
    multiplyComplex(this.#spectrum, this.#filter);
    this.#fft.inverseTransform(this.#convolved, this.#spectrum);
    squareMagnitudes(this.#convolved, power);
  }
}

function multiplyComplex(values: number[], factors: readonly number[]): void {
  for (let i = 0; i < values.length; i += 2) {
    const real = values[i] * factors[i] - values[i + 1] * factors[i + 1];
    values[i + 1] = values[i] * factors[i + 1] + values[i + 1] * factors[i];
    values[i] = real;
  }
}

function squareMagnitudes(spectrum: readonly number[], power: Float64Array): void {
  for (let k = 0; k < power.length; k++) power[k] = spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2;
}
