import { type Butterfly, butterflies } from './butterflies';

interface Stage {
  readonly butterfly: Butterfly;
  readonly m: number;
  readonly s: number;
  readonly twiddles: Float64Array;
}

/** X[k] = Σ x[n] exp(−2πi n k / N) for sizes N without prime factors past 5. Buffers are reused between calls. */
export class FourierTransform {
  readonly #stages: readonly Stage[];
  #values: Float64Array;
  #spare: Float64Array;

  /** Whether there is a transform of this size. */
  static has(size: number): boolean {
    return Number.isInteger(size) && size >= 1 && radicesOf(size) !== undefined;
  }

  constructor(readonly size: number) {
    this.#values = new Float64Array(2 * size);
    this.#spare = new Float64Array(2 * size);
    this.#stages = stagesOf(size);
  }

  /** The values to transform, real and imaginary parts in turn. Writing them comes before each {@link transform}. */
  get input(): Float64Array {
    return this.#values;
  }

  /** @returns the transform, valid until the next call; it overwrites the input */
  transform(): Float64Array {
    for (const { butterfly, m, s, twiddles } of this.#stages) {
      butterfly(this.#values, this.#spare, m, s, twiddles);
      [this.#values, this.#spare] = [this.#spare, this.#values];
    }
    return this.#values;
  }
}

function radicesOf(size: number): number[] | undefined {
  const radices: number[] = [];
  let rest = size;
  for (const radix of butterflies.keys()) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  return rest === 1 ? radices : undefined;
}

function stagesOf(size: number): Stage[] {
  let s = 1;
  return radicesOf(size)!.map((radix) => {
    const length = size / s;
    const m = length / radix;
    const twiddles = new Float64Array(2 * m * (radix - 1));
    for (let p = 0; p < m; p++) {
      for (let j = 1; j < radix; j++) {
        const angle = (-2 * Math.PI * ((p * j) % length)) / length;
        twiddles[2 * (p * (radix - 1) + j - 1)] = Math.cos(angle);
        twiddles[2 * (p * (radix - 1) + j - 1) + 1] = Math.sin(angle);
      }
    }
    const stage = { butterfly: butterflies.get(radix)!, m, s, twiddles };
    s *= radix;
    return stage;
  });
}
