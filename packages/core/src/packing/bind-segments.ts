import { hasPlaces, placeFeatures } from '../document/place-features';
import { SampleError } from '../errors';
import { type Features, hostTensor } from '../features';

/** What is known of the samples that share a row. */
export interface SegmentBinding {
  /** In the model's order. */
  readonly slots: readonly string[];
  /** Of each sample, how many values it has by slot. */
  readonly counts: readonly Readonly<Record<string, number>>[];
  readonly where: (index: number) => string;
}

/**
 * Says of each element of a packed sequence which sample it is of, and at its places which of the row's values stand there.
 *
 * @param packed the features that the host made of them, one behind the other
 * @param rows   those of each sample
 * @throws SampleError for a value without a place: nobody could tell whose it is
 */
export function bindSegments(
  packed: Features,
  rows: readonly Features[],
  { slots, counts, where }: SegmentBinding,
): Features {
  const lengths = rows.map((row) => Object.values(row)[0].shape[0]);
  const length = lengths.reduce((sum, own) => sum + own, 0);
  const segment = Int16Array.from(rows.flatMap((_, index) => Array<number>(lengths[index]).fill(index)));
  counts.forEach((own, index) => requirePlaces(own, rows[index], slots, where(index)));
  const bound = { ...packed, segment: hostTensor(segment, [length]) };
  if (!rows.some(hasPlaces)) return bound;
  const [ofSlot, ofValue] = placeFeatures;
  const before = slots.map(() => 0); // values of the samples before, by slot
  const placeSlot: number[] = [];
  const placeValue: number[] = [];
  rows.forEach((row, index) => {
    for (let element = 0; element < lengths[index]; element++) {
      const slot = row[ofSlot]?.data[element] ?? -1;
      placeSlot.push(slot);
      placeValue.push(slot < 0 ? -1 : before[slot] + row[ofValue].data[element]);
    }
    slots.forEach((name, slot) => {
      before[slot] += counts[index][name] ?? 0;
    });
  });
  return {
    ...bound,
    [ofSlot]: hostTensor(Int16Array.from(placeSlot), [length]),
    [ofValue]: hostTensor(Int16Array.from(placeValue), [length]),
  };
}

function requirePlaces(
  counts: Readonly<Record<string, number>>,
  row: Features,
  slots: readonly string[],
  where: string,
): void {
  for (const [name, count] of Object.entries(counts)) {
    const [ofSlot, ofValue] = placeFeatures.map((feature) => Array.from(row[feature]?.data ?? []));
    const placed = new Set(ofValue.filter((_, element) => ofSlot[element] === slots.indexOf(name)));
    if (placed.size === count) continue;
    throw new SampleError({
      where: `${where}, ${name}`,
      expected: 'values that stand in a document or conversation, so that samples can share a row',
      received: 'one beside it',
      hint: `Make it a part: [{ ${name}: … }, …].`,
    });
  }
}
