import { createHash } from 'node:crypto';
import { ConfigError, describeValue, isRecord, unknownKeys } from '@polymodal/core';
import type { Dataset } from './dataset';

/** How often samples come, relative to one another: a number above 0 for each, in their order; of several sources, by name. */
export type Weights = ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>;

/**
 * The weights of a stage, by source; `false` where there are none.
 *
 * @param sources those of the stage
 * @throws ConfigError for what is no weights, of another source, or of other samples
 */
export function parseWeights(
  given: unknown,
  sources: ReadonlyMap<string, Dataset>,
  where: string,
): Readonly<Record<string, SampleWeights>> | false {
  if (given === undefined || given === false) return false;
  const [first, ...others] = sources.keys();
  if (isList(given) && others.length === 0) return parseWeights({ [first]: given }, sources, where);
  if (isList(given) || !isRecord(given)) {
    throw new ConfigError({
      where,
      expected: others.length > 0 ? 'a list of numbers for each source, by its name' : 'a number for each sample',
      received: describeValue(given),
    });
  }
  const unknown = unknownKeys(given, [...sources.keys()]);
  if (unknown) throw new ConfigError({ where, expected: 'the sources of the stage', ...unknown });
  return Object.fromEntries(
    Object.entries(given).map(([name, own]) => {
      const place = others.length > 0 ? `${where}.${name}` : where;
      if (isList(own)) return [name, new SampleWeights(own, sources.get(name)!.length, place)];
      throw new ConfigError({ where: place, expected: 'a number for each sample', received: describeValue(own) });
    }),
  );
}

/** Whether weights are those of one source, in the order of its samples. */
export function isList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Weights of the samples of a source, 1 on average. In JSON, as the config of a run has them, they are a checksum. */
export class SampleWeights {
  readonly values: Float64Array;

  /**
   * @param where how errors call them
   * @throws ConfigError for another number of weights than of samples, and one that is not above 0
   */
  constructor(given: ArrayLike<number>, samples: number, where: string) {
    if (given.length !== samples) {
      throw new ConfigError({
        where,
        expected: `a weight for each of ${samples} samples`,
        received: `${given.length} weights`,
      });
    }
    const wrong = Array.from(given).findIndex((weight) => !(Number.isFinite(weight) && weight > 0));
    if (wrong >= 0) {
      throw new ConfigError({
        where: `${where}, sample ${wrong}`,
        expected: 'a weight above 0',
        received: describeValue(given[wrong]),
        hint: 'Leave out samples that are never to come.',
      });
    }
    const mean = Array.from(given).reduce((sum, weight) => sum + weight / samples, 0);
    this.values = Float64Array.from(given, (weight) => weight / mean);
  }

  toJSON(): string {
    return `sha256 ${createHash('sha256').update(this.values).digest('hex').slice(0, 16)}`;
  }
}
