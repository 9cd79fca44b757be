import { ConfigError, parseConfig, type RandomKey, suggestNames } from '@polymodal/core';
import { z } from 'zod';

/** Probability that a modality is dropped from a sample: one for all, or one for each by name (others stay). */
export type ModalityDropout = number | Readonly<Record<string, number>>;

export const modalityDropoutSchema = z.union([
  z.number().min(0).max(1),
  z.record(z.string(), z.number().min(0).max(1)),
]);

/**
 * Drops modalities from samples at random, each on its own (Neverova et al. 2016, "ModDrop"), so that a model learns
 * every combination of them. What a sample keeps follows from the key, the epoch and its index alone. If all would
 * go, one that is drawn uniformly stays; if nothing `usable` would be left, all stay.
 *
 * @throws ConfigError for a probability of a modality that the model does not have
 */
export class ModalityDropoutSampler {
  readonly #probability: (modality: string) => number;

  readonly #usable: (modalities: readonly string[]) => boolean;

  constructor(
    dropout: ModalityDropout,
    modalities: readonly string[],
    usable: (modalities: readonly string[]) => boolean = () => true,
  ) {
    this.#usable = usable;
    const parsed = parseConfig(modalityDropoutSchema, dropout, 'modalityDropout');
    if (typeof parsed === 'object') checkNames(Object.keys(parsed), modalities);
    this.#probability = typeof parsed === 'number' ? () => parsed : (modality) => parsed[modality] ?? 0;
  }

  /** Those of `present` that sample `index` keeps in an epoch. */
  keep(present: readonly string[], key: RandomKey, epoch: number, index: number): readonly string[] {
    const own = key.fold(epoch).fold(index);
    const draws = own.uniform(present.length);
    const kept = present.filter((modality, i) => draws[i] >= this.#probability(modality));
    if (kept.length === 0) kept.push(present[own.fold('last').integer(0, present.length)]);
    return this.#usable(kept) ? kept : present;
  }
}

function checkNames(names: readonly string[], modalities: readonly string[]): void {
  for (const name of names) {
    if (modalities.includes(name)) continue;
    throw new ConfigError({
      where: `train.modalityDropout.${name}`,
      expected: 'a modality of the model',
      received: `"${name}"`,
      hint: suggestNames(name, modalities),
    });
  }
}
