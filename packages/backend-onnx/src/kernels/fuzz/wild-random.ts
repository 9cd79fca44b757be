import type { Input } from '../cases/input';
import type { OpenValue } from '../cases/kernel-case';
import { Random } from '../cases/random';

/** Floats at which kernels are most easily wrong; with the simplest one first. */
const specialFloats = [0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 1e-40, -1e-40, 1.5, -2.5, 0.5];
const largeFloats = [3e38, -3e38, 2 ** 24 + 2, 2 ** 31, -(2 ** 31), 1e20];
const specialIntegers = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 65_536, 46_341, -46_341];

/** How far a {@link WildRandom} goes. */
export interface Wildness {
  /** Special values (NaN, infinities, zeros with signs, denormals, ends of the integer range) among the inputs. */
  readonly specialValues: boolean;
  /** Floats so large that sums of them overflow. */
  readonly largeValues: boolean;
  /** Axes of size 0, six axes, and integers or booleans where the case has floats. */
  readonly wildShapes: boolean;
  /** Special values that the case leaves open. */
  readonly leavesOpen: readonly OpenValue[];
}

/** Which special values belong to each kind. */
const kinds: Record<Exclude<OpenValue, 'booleans'>, (value: number) => boolean> = {
  NaN: Number.isNaN,
  infinities: (value) => Math.abs(value) === Infinity,
  denormals: (value) => value !== 0 && Math.abs(value) < 1e-38,
  'negative zero': (value) => Object.is(value, -0),
};

/**
 * Draws wilder inputs than {@link Random}, and notes every choice as a number in [0, 1), so that the same inputs, or
 * simpler ones, can be drawn again from a list of choices. Choices that are missing are 0, the simplest.
 */
export class WildRandom extends Random {
  /** The choices made so far. */
  readonly choices: number[] = [];

  readonly #wildness: Wildness;

  constructor(source: number | readonly number[], wildness: Wildness) {
    super(typeof source === 'number' ? source : 0);
    this.#wildness = wildness;
    this.#given = typeof source === 'number' ? null : source;
  }

  readonly #given: readonly number[] | null;

  override unit(): number {
    const choice = this.#given === null ? super.unit() : (this.#given[this.choices.length] ?? 0);
    this.choices.push(choice);
    return choice;
  }

  override shape(minRank = 0, maxRank = 5, maxSize = 4): number[] {
    if (!this.#wildness.wildShapes) return super.shape(minRank, maxRank, maxSize);
    const highest = maxRank >= 4 ? 6 : maxRank;
    const rank = this.integer(minRank, highest);
    const largest = rank > 4 ? 3 : maxSize;
    return Array.from({ length: rank }, () => (this.#chance(0.02) ? 0 : this.integer(1, largest)));
  }

  override size(low: number, high: number): number {
    return this.#wildness.wildShapes && this.#chance(0.04) ? 0 : super.size(low, high);
  }

  override floats(shape: number[], low = -3, high = 3): Input {
    // Small ones: the cpu backend does not round integers to floats, as it should, when it meets them as floats.
    if (this.#wildness.wildShapes && this.#chance(0.05)) return super.integers(shape);
    const { specialValues, largeValues, wildShapes, leavesOpen } = this.#wildness;
    if (wildShapes && !leavesOpen.includes('booleans') && this.#chance(0.03)) return this.booleans(shape);
    const isSpecial = specialValues && this.#chance(0.6);
    const choices = [...specialFloats, ...(largeValues ? largeFloats : [])].filter(
      (value) => !leavesOpen.some((kind) => kind !== 'booleans' && kinds[kind](value)),
    );
    const plain = super.floats(shape, low, high);
    return isSpecial ? this.#sprinkled(plain, choices) : plain;
  }

  /** Integers within bounds that a case states are indices, and stay what they are. */
  override integers(shape: number[], low?: number, high?: number): Input {
    const plain = super.integers(shape, low, high);
    const isFree = low === undefined && this.#wildness.specialValues && this.#chance(0.6);
    return isFree ? this.#sprinkled(plain, specialIntegers) : plain;
  }

  #sprinkled(input: Input, choices: readonly number[]): Input {
    const values = input.values.map((value) => (this.#chance(0.4) ? this.pick(choices) : value));
    return { ...input, values: input.dtype === 'float32' ? values.map(Math.fround) : values };
  }

  /** True with this probability; 0, the simplest choice, is false. */
  #chance(probability: number): boolean {
    return this.unit() >= 1 - probability;
  }
}
