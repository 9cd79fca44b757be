import {
  type PreparedSample,
  prepareSample,
  type RandomKey,
  type SampleProcessors,
  type Targets,
} from '@polymodal/core';
import { randomSignal } from '../doubles/random-signal';

/** Every subset of some names but the empty one: 2^M − 1 of them, the whole set last. */
export function everySubset(names: readonly string[]): string[][] {
  return Array.from({ length: 2 ** names.length - 1 }, (_, index) =>
    names.filter((_, bit) => (((index + 1) >> bit) & 1) === 1),
  );
}

/** A sample of random signals for each of some subsets of the processors' modalities. */
export function prepareSignals(
  processors: SampleProcessors,
  subsets: readonly (readonly string[])[],
  key: RandomKey,
  targets?: (key: RandomKey) => Targets,
): Promise<PreparedSample[]> {
  return Promise.all(
    subsets.map((names, index) => {
      const own = key.fold(index);
      const signals = names.map((name) => [name, randomSignal(own.fold(name))]);
      const sample = { ...Object.fromEntries(signals), ...(targets && { targets: targets(own.fold('targets')) }) };
      return prepareSample(processors, sample, { training: false });
    }),
  );
}
