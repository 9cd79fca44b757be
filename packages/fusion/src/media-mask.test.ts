import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { mediaMask } from './media-mask';

const slot = 2;

/** A document's elements: a number for a value of the slot, 'other' for one of another slot, 'own' for the host's. */
type Element = number | 'other' | 'own';

/** Which values each element sees, element by element. @param present 1 for those that the row has */
function seenBy(document: readonly Element[], present: readonly number[]): number[][] {
  const isPlaced = document.some((element) => typeof element === 'number');
  let last: number | undefined;
  return document.map((element) => {
    if (typeof element === 'number') last = element;
    return present.map((has, value) => (has === 1 && (!isPlaced || value === last) ? 1 : 0));
  });
}

/** Documents of at most four values, whose places are in order, padded at a random end with what looks like a place. */
function randomDocument(key: RandomKey): { document: Element[]; present: number[] } {
  const count = key.integer(0, 5);
  const parts = Array.from({ length: count }, (_, value): Element[] => {
    const others = Array.from({ length: key.fold(value).integer(0, 3) }, (): Element => 'own');
    return [...others, ...(key.fold('other').fold(value).integer(0, 2) === 0 ? (['other'] as const) : []), value];
  });
  const isThere = key.fold('dropped').integer(0, 4) > 0;
  const present = Array.from({ length: 4 }, (_, value) => (isThere && value < count ? 1 : 0));
  return { document: ['own', ...parts.flat(), 'own'], present };
}

describe('mediaMask', () => {
  const drawn = Array.from({ length: 40 }, (_, index) => randomDocument(RandomKey.from(7).fold(index)));
  const length = Math.max(...drawn.map(({ document }) => document.length)) + 1;
  const padded = drawn.map(({ document }, row) => {
    const padding = new Array<undefined>(length - document.length).fill(undefined);
    return row % 2 === 0 ? [...document, ...padding] : [...padding, ...document];
  });
  const feature = (of: (element: Element | undefined) => number, dtype: 'int32' | 'float32') =>
    tf.tensor2d(
      padded.map((row) => row.map(of)),
      [drawn.length, length],
      dtype,
    );
  const places = {
    mask: feature((element) => (element === undefined ? 0 : 1), 'float32'),
    placeSlot: feature((e) => (e === undefined || typeof e === 'number' ? slot : e === 'other' ? 1 : -1), 'int32'),
    placeValue: feature((e) => (typeof e === 'number' ? e : e === 'own' ? -1 : 0), 'int32'),
  };
  const present = tf.tensor2d(drawn.map((one) => one.present));
  const { sees, isPlace } = mediaMask(places, slot, present);

  it('lets an element see the last value at it or before it, and all where none has a place', () => {
    const all = sees.arraySync();
    drawn.forEach((one, row) => {
      const begin = row % 2 === 0 ? 0 : length - one.document.length;
      expect(all[row].slice(begin, begin + one.document.length)).toEqual(seenBy(one.document, one.present));
    });
  });

  it('tells the places of values that the row has', () => {
    const expected = padded.map((row, index) =>
      row.map((element) => (typeof element === 'number' && drawn[index].present[element] === 1 ? 1 : 0)),
    );
    expect(isPlace.arraySync()).toEqual(expected);
  });

  it('lets every element see all values of rows without documents', () => {
    const nowhere = { mask: places.mask, placeSlot: undefined, placeValue: undefined };
    const everywhere = mediaMask(nowhere, slot, present).sees.arraySync();
    drawn.forEach((one, row) => {
      expect(everywhere[row]).toEqual(new Array(length).fill(one.present));
    });
  });
});
