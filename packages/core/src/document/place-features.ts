import { type Features, type HostTensor1D, type HostTensor2D, hostTensor, padAndStack } from '../features';

/**
 * The features that say what stands where in a document, beside those of its host; both int32, (N), and collated (P, N):
 *
 * - `placeSlot`: whose value stands at an element, as the index of a slot in the model's order (that of its encoders, and of
 *   `owner.slots`); −1 for an element of the host's own, and for padding
 * - `placeValue`: which of the row's values in that slot, counted from 0, the only one where the slot takes one; −1 there too
 *
 * A batch has them where a row of it is a document. A value that is bound to a place may be missing, since modality dropout took
 * it, or a fusion is asked for a subset: whoever reads places takes those of a slot that the row lacks for absent.
 */
export const placeFeatures = ['placeSlot', 'placeValue'] as const;

/** The {@link placeFeatures} of P rows, where one of them is a document: (P, N). */
export type PlaceFeatures = { readonly [Name in (typeof placeFeatures)[number]]?: HostTensor2D };

/**
 * The {@link placeFeatures} of P rows, padded with −1: what an interleaving processor adds to the features that it collates. Rows that
 * are no documents have places nowhere; without any document there are no such features.
 *
 * @param length of the collated sequences
 */
export function collatePlaces(rows: readonly Features[], length: number): PlaceFeatures {
  if (!rows.some(hasPlaces)) return {};
  const nowhere = hostTensor(new Int16Array(0), [0]);
  const stacked = (name: keyof PlaceFeatures) =>
    padAndStack(
      rows.map((row) => (row[name] as HostTensor1D | undefined) ?? nowhere),
      [length],
      -1,
    );
  return { placeSlot: stacked('placeSlot'), placeValue: stacked('placeValue') };
}

/** Whether features are those of a document. */
export function hasPlaces(features: Features): boolean {
  return placeFeatures.every((name) => Object.hasOwn(features, name));
}
