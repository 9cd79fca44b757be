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
  const features: Record<string, Features> = {};
  for (const document of documents) {
    const standing = new Set(document.interleaved.places);
    const bound = document.values.map((value, place) => {
      if (!standing.has(place)) return undefined;
      values[value.slot] ??= [];
      return { slot: slots.indexOf(value.slot), value: values[value.slot].push(value) - 1 };
    });
    const { interleaved } = document;
    const at = (read: (own: NonNullable<(typeof bound)[number]>) => number) =>
      hostTensor(
        Int16Array.from(interleaved.places, (place) => (place < 0 ? -1 : read(bound[place]!))),
        [interleaved.places.length],
      );
    const [ofSlot, ofValue] = placeFeatures;
    features[document.host] = {
      ...interleaved.features,
      [ofSlot]: at(({ slot }) => slot),
      [ofValue]: at(({ value }) => value),
    };
  }
  return { features, values };
}
