import { expect, it } from 'vitest';
import { packSample, unpackSample } from './packed-sample';
import { plainCopy } from './plain-copy';

it('copies of a large piece of memory what a value has of it, and leaves the value as it is', () => {
  const large = new Uint8Array(1000).map((_, index) => index);
  const value = {
    part: large.subarray(500, 503),
    text: Buffer.from('é'),
    wide: new Float64Array([1.5]),
    none: undefined,
  };
  const copy = plainCopy(value, 'x');
  expect(copy.value.part).toEqual(Uint8Array.of(244, 245, 246));
  expect(copy.value.text).toEqual(Uint8Array.from(Buffer.from('é')));
  expect(copy.value.wide).toEqual(Float64Array.of(1.5));
  expect(copy.memory.map(({ byteLength }) => byteLength)).toEqual([3, 2, 8]);
  structuredClone(copy.value, { transfer: [...copy.memory] });
  expect(value.part).toEqual(Uint8Array.of(244, 245, 246));
});

it('refuses what has no end', () => {
  const round: Record<string, unknown> = {};
  round.again = round;
  expect(() => plainCopy(round, 'data, sample 1')).toThrow('data, sample 1, again.again');
});

it('packs features of every type, also those that share memory, and unpacks the same', () => {
  const shared = Float32Array.of(0, 1, 2, 3, 4).subarray(1, 4);
  const sample = {
    features: {
      image: { pixels: { data: Uint8Array.of(7, 8, 9), shape: [3] }, other: { data: shared, shape: [3, 1] } },
      text: {
        ids: { data: Uint16Array.of(65535), shape: [1] },
        mask: { data: Uint8Array.of(1), shape: [1], dtype: 'float32' as const },
        none: { data: Int16Array.of(), shape: [0] },
      },
    },
    targets: { digit: { index: { data: Int32Array.of(-4), shape: [] }, again: { data: shared, shape: [3] } } },
  };
  const packed = packSample(sample);
  const { memory } = structuredClone(packed, { transfer: [packed.memory] });
  expect(unpackSample({ ...packed, memory })).toEqual(sample);
  expect(shared).toEqual(Float32Array.of(1, 2, 3));
});
