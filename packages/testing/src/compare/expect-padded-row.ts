import type { HostTensor } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';
import { expectSameValues } from './expect-same-values';

/**
 * A row of a collated feature is what it is where it is padded less, with a mask of 0 wherever more is padded.
 *
 * @param less the feature of the row alone, (1, …)
 * @param more the feature in a batch, or padded to larger lengths, (P, …)
 */
export function expectPaddedRow(
  where: string,
  { name, isMask }: PaddedFeature,
  less: HostTensor,
  more: HostTensor | undefined,
  row: number,
): void {
  const [, ...extent] = less.shape;
  const [, ...lengths] = more?.shape ?? [];
  if (!more || extent.length !== lengths.length || extent.some((length, axis) => length > lengths[axis])) {
    const expected = `at least [${extent}]`;
    throw new ConformanceError({ where, expected, received: more ? `[${lengths}]` : 'no such feature' });
  }
  const { inside, outside } = split(more, row, extent);
  const [expected, received] = [less.data, inside].map((data) => ({ [name]: { shape: extent, data } }));
  expectSameValues(where, expected, received, 0);
  if (isMask && outside.some((value) => value !== 0)) {
    throw new ConformanceError({ where, expected: 'a mask of 0 where more is padded', received: '1' });
  }
}

/** A feature, and whether it is a mask of its processor. */
interface PaddedFeature {
  readonly name: string;
  readonly isMask: boolean;
}

/** The elements of a row within an extent, and those beyond. */
function split({ data, shape: [, ...lengths] }: HostTensor, row: number, extent: readonly number[]) {
  const size = lengths.reduce((product, length) => product * length, 1);
  const inside: number[] = [];
  const outside: number[] = [];
  for (let index = 0; index < size; index++) {
    let rest = index;
    let within = true;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      within &&= rest % lengths[axis] < extent[axis];
      rest = Math.floor(rest / lengths[axis]);
    }
    (within ? inside : outside).push(data[row * size + index]);
  }
  return { inside, outside };
}
