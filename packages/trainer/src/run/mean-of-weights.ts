/** The mean of the weights of several models, by the path of the parameter, summed up in double precision. */
export class MeanOfWeights {
  readonly #sums = new Map<string, Float64Array>();
  readonly #count: number;

  /** @param count of the models */
  constructor(count: number) {
    this.#count = count;
  }

  /** Takes in the values that one of them has. */
  add(path: string, values: Float32Array): void {
    const sum = this.#sums.get(path) ?? new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) sum[i] += values[i];
    this.#sums.set(path, sum);
  }

  /** Parameter by parameter, each an array of its own. */
  get values(): Iterable<readonly [path: string, mean: Float32Array]> {
    return [...this.#sums].map(
      ([path, sum]) => [path, Float32Array.from(sum, (value) => value / this.#count)] as const,
    );
  }
}
