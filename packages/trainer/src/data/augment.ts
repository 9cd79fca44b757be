import type { Augmentations, RandomKey, Sample } from '@polymodal/core';
import type { ImportedAugment } from './preparing/imported-augment';

/** Changes a raw sample as a whole, before it is prepared. */
export type AugmentSample = (sample: Sample, key: RandomKey) => Sample | Promise<Sample>;

/** What changes samples of training at random. */
export type Augment = Augmentations | AugmentSample | ImportedAugment;

/** Whether it names the module of a function. */
export function isImported(augment: Augment | undefined): augment is ImportedAugment {
  const { module } = (augment ?? {}) as Partial<ImportedAugment>;
  return typeof augment === 'object' && (typeof module === 'string' || module instanceof URL);
}

/** What acts slot by slot, if that is what there is. */
export function slotAugmentations(augment: Augment | undefined): Augmentations | undefined {
  return typeof augment === 'function' || isImported(augment) ? undefined : augment;
}

/** Whether it mixes the rows of a batch with one another. */
export function mixesRows(augment: Augment | undefined): boolean {
  return Object.values(slotAugmentations(augment) ?? {}).some((list) => list.some((own) => 'mix' in own));
}

/** Augmentations by slot as plain data, each with all of its options: `makeAugmentations` makes the same of them. */
export type AugmentationWords = Readonly<
  Record<string, readonly { readonly use: string; readonly probability: number; readonly [option: string]: unknown }[]>
>;

/** Nothing where nothing is changed. Of lists that are none it is said later: see requireAugmentations. */
export function augmentationWords(augmentations: Augmentations = {}): AugmentationWords | undefined {
  const lists = Object.entries(augmentations).filter(([, list]) => Array.isArray(list) && list.length > 0);
  if (lists.length === 0) return undefined;
  return Object.fromEntries(
    lists.map(([slot, list]) => [
      slot,
      list.map(({ use, probability, options }) => ({ use, probability, ...options })),
    ]),
  );
}
