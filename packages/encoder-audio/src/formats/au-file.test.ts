import { describe, expect, it } from 'vitest';
import { decodeAudio } from '../decode-audio';

describe('an AU file', () => {
  const au = (size: number, encoding: number, ...samples: number[]) => {
    const words = [0x2e736e64, 24, size, encoding, 8000, 1];
    return Buffer.concat([
      ...words.map((word) => Buffer.from(word.toString(16).padStart(8, '0'), 'hex')),
      Buffer.from(samples),
    ]);
  };

  it.each<[string, Uint8Array, readonly number[]]>([
    ['16 bits', au(4, 3, 0x80, 0, 0x40, 0), [-1, 0.5]],
    ['an unknown size', au(0xffffffff, 3, 0x80, 0, 0x40, 0, 9), [-1, 0.5]],
    ['µ-law', au(1, 1, 0x80), [32124 / 32768]],
  ])('is read with %s', async (_, content, expected) => {
    expect([...(await decodeAudio(content)).channels[0]]).toEqual(expected);
  });

  it('is refused where it is compressed or cut', async () => {
    await expect(decodeAudio(au(4, 23, 1, 2))).rejects.toThrow(/one of encoding 23.*ffmpeg/);
    await expect(decodeAudio(au(4, 3).subarray(0, 20))).rejects.toThrow('a header of 24 bytes');
  });
});
