import { type Butterfly, butterflies } from './butterflies';
import type { FourierTransform } from './fourier-transform';

interface Stage {
  readonly butterfly: Butterfly;
  readonly m: number;
  readonly s: number;
  readonly twiddles: number[];
}

/** The fast Fourier transform (Cooley and Tukey 1965, in Stockham's order) for sizes whose prime factors are 2, 3 and 5. */
export class MixedRadixTransform implements FourierTransform {
  readonly #stages: readonly Stage[];
  #values: number[];
  #spare: number[];

  constructor(readonly size: number) {
    this.#values = new Array<number>(2 * size).fill(0);
    this.#spare = new Array<number>(2 * size).fill(0);
    this.#stages = stagesOf(size);
  }

  get input(): number[] {
    return this.#values;
  }

  transform(): number[] {
    for (const { butterfly, m, s, twiddles } of this.#stages) {
      butterfly(this.#values, this.#spare, m, s, twiddles);
      [this.#values, this.#spare] = [this.#spare, this.#values];
    }
    return this.#values;
  }
}

/** The radices whose product is `size`; undefined where there are none. */
export function radicesOf(size: number): number[] | undefined {
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
    const twiddles = Array.from({ length: m }, (_, p) => turns(radix, p, length)).flat();
    const stage = { butterfly: butterflies.get(radix)!, m, s, twiddles };
    s *= radix;
    return stage;
  });
}

/** exp(−2πi p j / length) for j = 1 … radix − 1 */
function turns(radix: number, p: number, length: number): number[] {
  const angles = Array.from({ length: radix - 1 }, (_, j) => (-2 * Math.PI * ((p * (j + 1)) % length)) / length);
  return angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
}
