import { type Features, hostTensor } from '../features';
import type { Interleaved } from './interleaving-processor';
import { placeFeatures } from './place-features';
import type { Document, PlacedValue } from './sample-values';

/** A document whose host has been processed. */
export interface InterleavedDocument extends Document {
  readonly interleaved: Interleaved;
}

/** Documents whose places are bound to values. */
export interface BoundDocuments {
  /** Of each host. */
  readonly features: Readonly<Record<string, Features>>;
  /** The values of each other slot that stand somewhere, in the order that places count them in; none of a slot that lost all. */
  readonly values: Readonly<Record<string, readonly PlacedValue[]>>;
}

/**
 * Says in the features of each document which value stands where. A value that stands nowhere, since the document was cut, is left out,
 * and those behind it are counted without it.
 *
 * @param slots in the model's order
 */
export function bindPlaces(documents: readonly InterleavedDocument[], slots: readonly string[]): BoundDocuments {
  const values: Record<string, PlacedValue[]> = {};
  const counts: Record<string, number> = {};
  const features: Record<string, Features> = {};
  for (const document of documents) {
    const { features: own, places } = document.interleaved;
    const standing = new Set(places);
    /** Of each place, the number of the piece that stands at its next element. */
    const next = document.values.map((value, place) => {
      const { slot } = value;
      const first = counts[slot] ?? 0;
      if (!standing.has(place)) return first;
      values[slot] ??= [];
      values[slot].push(value);
      counts[slot] = first + (value.divided?.values.length ?? 1);
      return first;
    });
    const [ofSlot, ofValue] = placeFeatures;
    const length = [places.length] as const;
    features[document.host] = {
      ...own,
      [ofSlot]: hostTensor(
        Int16Array.from(places, (place) => (place < 0 ? -1 : slots.indexOf(document.values[place].slot))),
        length,
      ),
      [ofValue]: hostTensor(
        Int16Array.from(places, (place) => (place < 0 ? -1 : next[place]++)),
        length,
      ),
    };
  }
  return { features, values };
}
