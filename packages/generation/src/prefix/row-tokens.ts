import type * as tf from '@tensorflow/tfjs-core';

/** The tokens of a row, in host memory: what stands at each, whatever that is, ids or embeddings. */
export interface RowTokens {
  /** Where they stand in the row. */
  readonly places: readonly number[];
  /** By feature, what each token is embedded from: as many numbers for each. */
  readonly features: Readonly<Record<string, tf.TypedArray>>;
}

/**
 * The tokens of each row that take part.
 *
 * @param features each (B, N, …), `mask` (B, N) among them; they are read at once
 */
export function rowTokens({ mask, ...features }: tf.NamedTensorMap): RowTokens[] {
  const [batch, length] = mask.shape;
  const present = mask.dataSync();
  const read = Object.entries(features).map(([name, tensor]) => [name, tensor.dataSync()] as const);
  return Array.from({ length: batch }, (_, row) => {
    const all = Array.from({ length }, (_unused, place) => place);
    const places = all.filter((place) => present[row * length + place] === 1);
    const own = read.map(([name, values]) => {
      const width = values.length / (batch * length);
      const chosen = new (values.constructor as Float32ArrayConstructor)(places.length * width);
      places.forEach((place, index) => {
        const start = (row * length + place) * width;
        chosen.set(values.subarray(start, start + width), index * width);
      });
      return [name, chosen] as const;
    });
    return { places, features: Object.fromEntries(own) };
  });
}

/** How many tokens two sequences begin with alike: those of the same ids, or of the same embeddings up to {@link rounding}. */
export function commonTokens(a: RowTokens, b: RowTokens): number {
  const names = Object.keys(a.features);
  if (names.join() !== Object.keys(b.features).join()) return 0;
  const [ofA, ofB] = [a.places.length, b.places.length];
  const fewest = Math.min(ofA, ofB);
  return Math.min(
    fewest,
    ...names.map((name) => alike(vectors(a.features[name], ofA), vectors(b.features[name], ofB))),
  );
}

/** What a picture is encoded as differs so, as a share of the largest number of its token, with what stands beside it in its batch. */
const rounding = 1e-5;

interface Vectors {
  readonly values: tf.TypedArray;
  readonly width: number;
}

function vectors(values: tf.TypedArray, count: number): Vectors {
  return { values, width: values.length / count };
}

function alike(a: Vectors, b: Vectors): number {
  if (a.width !== b.width) return 0;
  const fewest = Math.min(a.values.length, b.values.length) / a.width;
  for (let token = 0; token < fewest; token++) {
    let [largest, apart] = [0, 0];
    for (let at = token * a.width; at < (token + 1) * a.width; at++) {
      largest = Math.max(largest, Math.abs(a.values[at]));
      apart = Math.max(apart, Math.abs(a.values[at] - b.values[at]));
    }
    const isAlike = a.values instanceof Float32Array ? apart <= largest * rounding : apart === 0;
    if (!isAlike) return token;
  }
  return fewest;
}
