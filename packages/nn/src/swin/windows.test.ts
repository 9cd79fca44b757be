import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativePositionIndices, relativePositions, shiftedWindowBias } from './window-bias';
import { cutWindows, joinWindows, padMaps, shiftMaps } from './windows';

/** (2, 4, 6, 2), each value another, from which its place can be told. */
const maps = tf.reshape<tf.Rank.R4>(tf.range(0, 96), [2, 4, 6, 2]);
const value = (picture: number, row: number, column: number, feature: number) =>
  ((picture * 4 + row) * 6 + column) * 2 + feature;

describe('windows', () => {
  it('are cut row by row, and hold their tokens row by row', () => {
    const cut = cutWindows(maps, 2).arraySync(); // (2 · 2 · 3, 4, 2)
    for (let window = 0; window < 12; window++) {
      const [picture, down, across] = [Math.floor(window / 6), Math.floor((window % 6) / 3), window % 3];
      for (let token = 0; token < 4; token++) {
        const [row, column] = [2 * down + Math.floor(token / 2), 2 * across + (token % 2)];
        expect(cut[window][token]).toEqual([value(picture, row, column, 0), value(picture, row, column, 1)]);
      }
    }
  });

  it('are joined to what they were cut from', () => {
    expect(joinWindows(cutWindows(maps, 2), 2, [4, 6]).arraySync()).toEqual(maps.arraySync());
  });
});

describe('shiftMaps', () => {
  it('moves up and left, around the borders, and back', () => {
    const shifted = shiftMaps(maps, 1);
    const values = shifted.arraySync();
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 6; column++) {
        expect(values[1][row][column][0]).toBe(value(1, (row + 1) % 4, (column + 1) % 6, 0));
      }
    }
    expect(shiftMaps(shifted, -1).arraySync()).toEqual(maps.arraySync());
  });
});

describe('padMaps', () => {
  it('adds zeros below and beside up to whole multiples, and nothing where there is nothing to add', () => {
    expect(padMaps(maps, [2, 3])).toBe(maps);
    const padded = padMaps(maps, [3, 4]);
    expect(padded.shape).toEqual([2, 6, 8, 2]);
    expect(tf.slice(padded, [0, 0, 0, 0], [2, 4, 6, 2]).arraySync()).toEqual(maps.arraySync());
    expect(tf.sum(padded).dataSync()[0]).toBe(tf.sum(maps).dataSync()[0]);
  });
});

describe('relativePositions', () => {
  it('are the same for pairs at the same distance, and for no others', () => {
    const [side, area] = [3, 9];
    const indices = relativePositionIndices(side);
    expect([...relativePositions(side).dataSync()]).toEqual([...indices]);
    const seen = new Map<number, string>();
    for (let query = 0; query < area; query++) {
      for (let key = 0; key < area; key++) {
        const down = Math.floor(query / side) - Math.floor(key / side);
        const distance = `${down}, ${(query % side) - (key % side)}`;
        const index = indices[query * area + key];
        expect(seen.get(index) ?? distance).toBe(distance);
        seen.set(index, distance);
      }
    }
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });
});

describe('shiftedWindowBias', () => {
  it('keeps apart the tokens of a window that were not neighbours before the shift', () => {
    const [height, width, side, shift] = [4, 6, 2, 1];
    const bias = shiftedWindowBias(height, width, side, shift).arraySync();
    const rows = cutWindows(placesOf(height, width, 0, shift), side).arraySync();
    const columns = cutWindows(placesOf(height, width, 1, shift), side).arraySync();
    bias.forEach((window, index) =>
      window.forEach((keys, query) =>
        keys.forEach((logit, key) => {
          const apart = [rows, columns].some(
            (places) => Math.abs(places[index][query][0] - places[index][key][0]) >= side,
          );
          expect(logit).toBe(apart ? -100 : 0);
        }),
      ),
    );
  });
});

/** The row (axis 0) or column (axis 1) at which each place of a shifted map was before: (1, H, W, 1). */
function placesOf(height: number, width: number, axis: 0 | 1, shift: number): tf.Tensor4D {
  const places = Array.from({ length: height * width }, (_, at) => (axis === 0 ? Math.floor(at / width) : at % width));
  return shiftMaps(tf.tensor4d(places, [1, height, width, 1]), shift);
}
