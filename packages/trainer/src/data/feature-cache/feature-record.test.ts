import { expect, it } from 'vitest';
import { decodeFeatures, encodeFeatures } from './feature-record';
import { floatsOf, indexFloats } from './indexed-floats';

/** (H, W, C): each channel has 256 levels of its own, as a picture that was normalised. */
const picture = Float32Array.from({ length: 40 * 40 * 3 }, (_, at) => ((at * 7919) % 256) / (100 + (at % 3)) - 0.3);

const sample = {
  features: {
    image: { pixels: { data: picture, shape: [40, 40, 3] } },
    text: {
      ids: { data: Uint16Array.of(65535, 1), shape: [2] },
      mask: { data: Uint8Array.of(1, 0), shape: [2], dtype: 'float32' as const },
    },
    sound: { wave: { data: Float32Array.of(0.1, -0, Number.MIN_VALUE), shape: [3] } },
  },
  targets: { digit: { index: { data: Int32Array.of(7), shape: [] } } },
};

const record = () => Buffer.from(encodeFeatures(sample, 'key'));

it('holds what was put in, to the bit, and floats of a picture as bytes', () => {
  const file = record();
  const again = decodeFeatures(file, 'key')!;
  expect(again).toEqual(sample);
  expect(Object.is(again.features.sound.wave.data[1], -0)).toBe(true);
  expect(file.length).toBeLessThan(picture.length + 3 * 256 * 4 + 1500); // a byte each, the levels, the layout
});

it('is nothing where it is cut, damaged, of another sample or something else', () => {
  const file = record();
  for (let length = 0; length < file.length; length += 97)
    expect(decodeFeatures(file.subarray(0, length), 'key')).toBeUndefined();
  for (const at of [0, 25, 60, file.length - 1]) {
    const damaged = Buffer.from(file);
    damaged[at] ^= 1;
    expect(decodeFeatures(damaged, 'key')).toBeUndefined();
  }
  expect(decodeFeatures(file, 'of another sample')).toBeUndefined();
  expect(decodeFeatures(Buffer.from('{"features": {}}'.repeat(9)), 'key')).toBeUndefined();
});

it('takes floats for what they are, bit by bit, and leaves those alone that are too many', () => {
  const bits = Int32Array.from({ length: 4000 }, (_, at) => [0, -(2 ** 31), 0x7fc00000, 0x7fc00001, 1][at % 5]);
  const odd = new Float32Array(bits.buffer); // 0, -0, two kinds of NaN, the least there is
  expect(new Int32Array(floatsOf(indexFloats(odd, 4000)!).buffer)).toEqual(bits);
  expect(
    indexFloats(
      Float32Array.from({ length: 4000 }, (_, at) => at),
      4000,
    ),
  ).toBeUndefined();
  expect(indexFloats(picture.slice(0, 300), 3)).toBeUndefined(); // the levels would take more room than they save
});
