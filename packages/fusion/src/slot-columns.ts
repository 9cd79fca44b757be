import type { NamedTensor } from '@polymodal/core';

/**
 * A matrix (O, Σ width) whose columns belong to slots, one after the other, for other slots: those that stay keep theirs, and those that
 * come, or are of another width now, begin with 0.
 *
 * @param before widths by slot
 * @param after  widths by slot
 */
export function slotColumns(
  { shape, data }: NamedTensor,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Float32Array {
  const [rows] = shape;
  const [from, to] = [columnsOf(before), columnsOf(after)];
  const columns = new Float32Array(rows * to.total);
  for (const [slot, place] of to.places) {
    const source = from.places.get(slot);
    const width = after[slot];
    if (source === undefined || before[slot] !== width) continue;
    for (let row = 0; row < rows; row++) {
      const start = row * from.total + source;
      columns.set(data.subarray(start, start + width), row * to.total + place);
    }
  }
  return columns;
}

/** Where the columns of each slot begin. */
function columnsOf(widths: Readonly<Record<string, number>>) {
  const places = new Map<string, number>();
  let total = 0;
  for (const [slot, width] of Object.entries(widths)) {
    places.set(slot, total);
    total += width;
  }
  return { places, total };
}
