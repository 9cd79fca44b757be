import type { FourierTransform } from './fourier-transform';
import { MixedRadixTransform } from './mixed-radix-transform';

/**
 * The Fourier transform of any size as a convolution with a chirp (Bluestein 1970): with w[n] = exp(−iπn²/N),
 * X[k] = w[k] · Σ x[n] w[n] · conj(w[k − n]).
 */
export class BluesteinTransform implements FourierTransform {
  readonly input: number[];
  readonly #fft: MixedRadixTransform;
  readonly #chirp: number[]; // w
  readonly #filter: number[]; // spectrum of conj(w), divided by the size of the convolution

  constructor(readonly size: number) {
    const length = 2 ** Math.ceil(Math.log2(2 * size - 1));
    this.input = new Array<number>(2 * size).fill(0);
    this.#fft = new MixedRadixTransform(length);
    this.#chirp = Array.from({ length: size }, (_, n) => (Math.PI * ((n * n) % (2 * size))) / size).flatMap((angle) => [
      Math.cos(angle),
      -Math.sin(angle),
    ]);
    const filter = this.#fft.input;
    for (let n = 0; n < size; n++) {
      for (const index of n === 0 ? [0] : [n, length - n]) {
        filter[2 * index] = this.#chirp[2 * n];
        filter[2 * index + 1] = -this.#chirp[2 * n + 1];
      }
    }
    this.#filter = this.#fft.transform().map((value) => value / length);
  }

  transform(): number[] {
    const padded = this.#fft.input.fill(0);
    for (let n = 0; n < this.size; n++) copyProduct(padded, this.input, this.#chirp, 2 * n);
    const spectrum = this.#fft.transform(); // which is where the next input stands
    for (let i = 0; i < spectrum.length; i += 2) {
      copyProduct(spectrum, spectrum, this.#filter, i);
      spectrum[i + 1] = -spectrum[i + 1]; // the transform of the conjugate is the conjugate of the inverse transform
    }
    const convolved = this.#fft.transform();
    for (let i = 0; i < 2 * this.size; i += 2) {
      convolved[i + 1] = -convolved[i + 1];
      copyProduct(this.input, convolved, this.#chirp, i);
    }
    return this.input;
  }
}

/** `target` = `a` · `b` at one position. */
function copyProduct(target: number[], a: readonly number[], b: readonly number[], at: number): void {
  const real = a[at] * b[at] - a[at + 1] * b[at + 1];
  target[at + 1] = a[at] * b[at + 1] + a[at + 1] * b[at];
  target[at] = real;
}
