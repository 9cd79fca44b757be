import { ShapeError } from '../errors';
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
 * @throws ShapeError for places that a document does not have, or one that stands twice: its processor is wrong
 */
export function bindPlaces(documents: readonly InterleavedDocument[], slots: readonly string[]): BoundDocuments {
  const values: Record<string, PlacedValue[]> = {};
  const features: Record<string, Features> = {};
  for (const document of documents) {
    const standing = standingPlaces(document);
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

/** The places that stand at an element, each once. */
function standingPlaces({ interleaved: { places }, values }: InterleavedDocument): ReadonlySet<number> {
  const standing = new Set<number>();
  for (const place of places) {
    if (place === -1) continue;
    if (standing.has(place) || values[place] === undefined) {
      throw new ShapeError({
        where: 'places',
        expected: `each of the ${values.length} places of the document once at most, and −1 elsewhere`,
        received: standing.has(place) ? `${place} twice` : String(place),
      });
    }
    standing.add(place);
  }
  return standing;
}
