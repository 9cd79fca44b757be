import { isInterleaving, type Model, type PreparedSample, targetPart, valueCounts } from '@polymodal/core';

/** How much of a row a sample takes, by slot and target: elements of its sequences, and values of slots that take several. */
export type RowSizes = Readonly<Record<string, number>>;

/** {@link RowSizes} of a sample. */
export function rowSizesOf({ processors }: Model, { features, targets }: PreparedSample): RowSizes {
  const sequences = Object.entries(features).filter(([slot]) => isInterleaving(processors[slot]));
  const lengthOf = (own: PreparedSample['features'][string]) => Object.values(own)[0].shape[0] ?? 0;
  return {
    ...Object.fromEntries(sequences.map(([slot, own]) => [slot, lengthOf(own)])),
    ...valueCounts(features, processors),
    ...Object.fromEntries(Object.entries(targets).map(([head, own]) => [targetPart(head), lengthOf(own)])),
  };
}
