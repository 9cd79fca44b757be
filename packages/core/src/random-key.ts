import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { describeValue } from './describe-value';
import { ConfigError } from './errors';
import { requireArgument } from './require-argument';

/**
 * A splittable key for random numbers, in the manner of JAX: immutable, cheap to derive, and the same key always
 * gives the same numbers. `key.fold('dropout').fold(3)` is independent of every other path of folds, so that adding
 * a consumer of randomness somewhere changes nothing elsewhere.
 *
 * ```ts
 * const key = RandomKey.from(7);
 * key.fold('noise').normal(3); // the same three numbers whenever it is asked
 * ```
 */
export class RandomKey {
  readonly #high: number;
  readonly #low: number;

  private constructor(high: number, low: number) {
    this.#high = high;
    this.#low = low;
  }

  /** The root key of a seed, any safe integer. */
  static from(seed: number): RandomKey {
    if (!Number.isSafeInteger(seed)) {
      throw new ConfigError({ where: 'seed', expected: 'a safe integer', received: describeValue(seed) });
    }
    return new RandomKey(mix(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9), mix(seed | 0));
  }

  /** The key that had this {@link state}. */
  static restore([high, low]: readonly [high: number, low: number]): RandomKey {
    return new RandomKey(high, low);
  }

  /** All that a key is, to send it elsewhere: two integers of 32 bits. */
  get state(): readonly [high: number, low: number] {
    return [this.#high, this.#low];
  }

  /** A new key, determined by this one and `data`, a name or a safe integer. @throws ConfigError for anything else */
  fold(data: string | number): RandomKey {
    const isData = typeof data === 'string' || Number.isSafeInteger(data);
    requireArgument(isData, 'RandomKey.fold', 'a name, or a safe integer', data);
    let high = this.#high;
    let low = this.#low;
    const absorb = (word: number) => {
      low = mix(low ^ word);
      high = mix((high + Math.imul(low, 0x85ebca6b)) ^ word);
    };
    if (typeof data === 'number') {
      absorb(0x6e756d62); // numbers and strings never meet: fold(1) is not fold('1')
      absorb(data | 0);
      absorb(Math.floor(data / 2 ** 32));
    } else {
      absorb(data.length);
      for (let i = 0; i < data.length; i++) absorb(data.charCodeAt(i));
    }
    return new RandomKey(high, low);
  }

  /** `length` numbers, uniform in [0, 1) with 24 bits each. */
  uniform(length: number): Float32Array {
    const next = this.#words();
    const values = new Float32Array(length); // filled in a loop: Float32Array.from would hold a list of all of them first
    for (let i = 0; i < length; i++) values[i] = (next() >>> 8) / 2 ** 24;
    return values;
  }

  /** `length` standard normal numbers (Box and Muller 1958). */
  normal(length: number): Float32Array {
    const next = this.#words();
    const values = new Float32Array(length);
    for (let i = 0; i < length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(((next() >>> 8) + 1) / 2 ** 24));
      const angle = (2 * Math.PI * (next() >>> 8)) / 2 ** 24;
      values[i] = radius * Math.cos(angle);
      if (i + 1 < length) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  }

  /**
   * `length` bytes that are 1 with probability `probability`, resolved to 1/65536, and else 0.
   *
   * Many are drawn at a time. So the generator stands in the loop (sfc32 of Chris Doty-Humphrey's PractRand), a word of it makes
   * two draws, and the sign of a difference is the draw, without a branch.
   */
  bernoulli(length: number, probability: number): Uint8Array {
    const draws = new Uint8Array(length);
    const threshold = Math.round(probability * 65536);
    let a = mix(this.#high ^ 0x13198a2e);
    let b = mix(this.#low ^ a);
    let c = mix(this.#high ^ b);
    let counter = 1;
    for (let i = -2 * warmUp; i < length; i += 2) {
      const word = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      if (i < 0) continue;
      draws[i] = ((word >>> 16) - threshold) >>> 31;
      if (i + 1 < length) draws[i + 1] = ((word & 0xffff) - threshold) >>> 31;
    }
    return draws;
  }

  /** `length` words of 32 random bits, each a function of the key and its place alone: a hash of the two, counter by counter. */
  words(length: number): Int32Array {
    const words = new Int32Array(length);
    for (let i = 0; i < length; i++) words[i] = mix(this.#high ^ mix(this.#low ^ mix(i ^ 0x5be0cd19)));
    return words;
  }

  /** One integer, uniform in [low, high). */
  integer(low: number, high: number): number {
    return low + Math.floor((this.#words()() >>> 0) * ((high - low) / 2 ** 32));
  }

  /** A permutation of 0 … length − 1 (Fisher and Yates). */
  shuffle(length: number): Int32Array {
    const next = this.#words();
    const order = new Int32Array(length);
    for (let i = 0; i < length; i++) order[i] = i;
    for (let i = length - 1; i > 0; i--) {
      const j = Math.floor((next() >>> 0) * ((i + 1) / 2 ** 32));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  #words(): () => number {
    const a = mix(this.#high ^ 0x243f6a88);
    const b = mix(this.#low ^ a);
    const c = mix(this.#high ^ b);
    const generator = xoroshiro128plusFromState([a, b, c, mix(this.#low ^ c) | 1]); // the all-zero state is forbidden
    return () => generator.next();
  }
}

/** Words of sfc32 that are thrown away, until its state has forgotten the seed: as many as its author takes. */
const warmUp = 12;

/** Bijective finaliser on 32 bits with full avalanche (the constants of Chris Wellons' "lowbias32"). */
function mix(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
