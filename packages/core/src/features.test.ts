import { describe, expect, it } from 'vitest';
import { ShapeError } from './errors';
import { bucketLength, type HostTensor, hostTensor, lengthMask, padAndStack } from './features';
import { RandomKey } from './random-key';

/** Element by element: the value of a row at an index, or the filling. */
function naivePadAndStack(rows: readonly HostTensor[], lengths: readonly number[], fill: number): number[] {
  const size = lengths.reduce((product, length) => product * length, 1);
  return rows.flatMap(({ data, shape }) =>
    Array.from({ length: size }, (_, flat) => {
      const index = lengths.map((_, axis) => {
        const stride = lengths.slice(axis + 1).reduce((product, length) => product * length, 1);
        return Math.floor(flat / stride) % lengths[axis];
      });
      if (index.some((position, axis) => position >= shape[axis])) return fill;
      return data[index.reduce((offset, position, axis) => offset * shape[axis] + position, 0)];
    }),
  );
}

describe('padAndStack', () => {
  it('agrees with a loop over every element, for random shapes of every rank', () => {
    for (let round = 0; round < 120; round++) {
      const key = RandomKey.from(round);
      const rank = round % 5;
      const rows = Array.from({ length: key.fold('rows').integer(1, 5) }, (_, row) => {
        const own = key.fold(row);
        const shape = Array.from({ length: rank }, (_, axis) => own.fold(axis).integer(0, 5));
        return hostTensor(own.normal(shape.reduce((product, length) => product * length, 1)), shape);
      });
      const longest = Array.from({ length: rank }, (_, axis) => Math.max(...rows.map(({ shape }) => shape[axis])));
      const lengths = longest.map((length, axis) => length + key.fold('more').fold(axis).integer(0, 3));
      const fill = round % 2 ? -7 : 0;
      const padded = padAndStack(rows, lengths, fill);
      expect(padded.shape).toEqual([rows.length, ...lengths]);
      expect([...padded.data]).toEqual(naivePadAndStack(rows, lengths, fill));
      const tight = padAndStack(rows);
      expect(tight.shape).toEqual([rows.length, ...longest]);
      expect([...tight.data]).toEqual(naivePadAndStack(rows, longest, 0));
    }
  });

  it('keeps the element type', () => {
    expect(padAndStack([hostTensor(Int32Array.of(1, 2), [2])], [3], 9).data).toEqual(Int32Array.of(1, 2, 9));
    expect(padAndStack([hostTensor(Float32Array.of(1.5), [1])]).data).toBeInstanceOf(Float32Array);
    const bytes = [hostTensor(Uint8Array.of(255), [1], 'float32'), hostTensor(Uint8Array.of(0, 7), [2], 'float32')];
    expect(padAndStack(bytes)).toEqual({ data: Uint8Array.of(255, 0, 0, 7), shape: [2, 2], dtype: 'float32' });
    expect(padAndStack([hostTensor(Uint16Array.of(65_535), [1])]).data).toEqual(Uint16Array.of(65_535));
  });

  it('refuses what a small type would cut without a word: rows of another type, fillings beyond it', () => {
    const byte = hostTensor(Uint8Array.of(1), [1]);
    expect(() => padAndStack([byte, hostTensor(Int32Array.of(300), [1])])).toThrow(
      'expected Uint8Array that is int32, as in the first row, received Int32Array that is int32',
    );
    expect(() => padAndStack([byte, hostTensor(Uint8Array.of(1), [1], 'float32')])).toThrow(ShapeError);
    expect(() => padAndStack([byte], [2], -1)).toThrow('expected a filling that a Uint8Array can hold, received -1');
    expect(() => padAndStack([hostTensor(Int32Array.of(1), [1])], [2], 0.5)).toThrow(ShapeError);
  });

  it('copies, so that a row changed later leaves the batch as it was', () => {
    const row = hostTensor(Float32Array.of(1, 2), [2]);
    const batch = padAndStack([row]);
    row.data[0] = 99;
    expect([...batch.data]).toEqual([1, 2]);
  });

  it('refuses a row that is too long or of another rank', () => {
    const row = hostTensor(new Float32Array(6), [2, 3]);
    expect(() => padAndStack([row], [2, 2])).toThrow(ShapeError);
    expect(() => padAndStack([row], [2, 2])).toThrow('expected at most [2,2] with 2 axes in every row, received [2,3]');
    expect(() => padAndStack([row, hostTensor(new Float32Array(2), [2])])).toThrow(ShapeError);
  });
});

describe('hostTensor', () => {
  it('refuses data that do not fit the shape', () => {
    expect(() => hostTensor(new Float32Array(5), [2, 3])).toThrow('expected 6 values for shape [2,3], received 5');
    expect(hostTensor(new Float32Array(1), []).shape).toEqual([]);
    expect(hostTensor(new Float32Array(0), [3, 0]).shape).toEqual([3, 0]);
  });
});

describe('lengthMask', () => {
  it('is 1 where a row has an element', () => {
    const mask = lengthMask([2, 0, 3], 3);
    expect(mask.shape).toEqual([3, 3]);
    expect([...mask.data]).toEqual([1, 1, 0, 0, 0, 0, 1, 1, 1]);
    expect(mask.data).toBeInstanceOf(Uint8Array);
  });
});

describe('bucketLength', () => {
  it('is the smallest multiple that holds the length, and at least one step', () => {
    expect([0, 1, 7, 8, 9, 16].map((length) => bucketLength(length, 8))).toEqual([8, 8, 8, 8, 16, 16]);
  });
});
