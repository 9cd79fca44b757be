import { requireArgument } from '../require-argument';

/**
 * All 2^M − 1 subsets that are not empty, smaller ones first, each in the order of `modalities`.
 *
 * ```ts
 * modalitySubsets(['photo', 'note']); // [['photo'], ['note'], ['photo', 'note']]
 * ```
 */
export function modalitySubsets(modalities: readonly string[]): string[][] {
  requireArgument(isList(modalities), 'modalitySubsets', 'a list of at most 30 names', modalities);
  const subsets = Array.from({ length: 2 ** modalities.length - 1 }, (_, i) =>
    modalities.filter((_, position) => (i + 1) & (1 << position)),
  );
  return subsets.sort((a, b) => a.length - b.length);
}

/** Of 30 names there are a billion subsets. */
function isList(modalities: readonly string[]): boolean {
  return Array.isArray(modalities) && modalities.length <= 30;
}
