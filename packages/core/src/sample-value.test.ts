import { describe, expect, it } from 'vitest';
import { SampleError, StorageError } from './errors';
import { isDetached, readSampleFile, unreadableValue } from './sample-value';

const nothing = () => Promise.reject(new StorageError({ where: 'a.png', expected: 'a file', received: 'none' }));

describe('readSampleFile', () => {
  it('gives what is read, and tells what cannot be as a fault of the sample', async () => {
    expect(await readSampleFile('a.png', 'an image file', async () => Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    const error = await readSampleFile('a.png', 'an image file', nothing).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error).toMatchObject({ where: 'a.png', received: 'none', cause: { name: 'StorageError' } });
  });

  it.each([
    [
      'https://name:password@example.org/a.png',
      /the path of an image file, received a URL \(https:\)\. .*await fetch\(url\)/,
    ],
    ['file:///home/a.png', /a URL \(file:\)\. Pass a path: fileURLToPath\(url\)/],
    ['data:image/png;base64,AAAA', /a URL \(data:\)\. Pass the bytes: Buffer\.from/],
    ['', /received ""\. The path is empty/],
  ])('says what to pass instead of %s', async (path, message) => {
    const error = await readSampleFile(path, 'an image file', nothing).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('password');
  });

  it.each(['C:\\pictures\\a.png', 'a:b.png', '/tmp/a.png'])('takes %s for a path', async (path) => {
    expect(await readSampleFile(path, 'an image file', async () => Uint8Array.of(1))).toHaveLength(1);
  });
});

describe('unreadableValue', () => {
  it.each([
    [new ArrayBuffer(3), 'received an object (ArrayBuffer). Pass new Uint8Array(buffer).'],
    [new Blob([]), 'received an object (Blob). Pass the bytes: new Uint8Array(await blob.arrayBuffer()).'],
    [new URL('file:///a.png'), 'Pass a path: fileURLToPath(url)'],
    [['a.png', 'b.png'], 'received an array of 2. A slot of a sample holds one value'],
    [7, 'expected a picture, received 7.'],
  ])('says what to do with %o', (raw, message) => {
    expect(unreadableValue(raw, 'a picture').message).toContain(message);
  });
});

describe('isDetached', () => {
  it('tells an array whose memory is gone from an empty one', () => {
    const array = new Float32Array(4);
    expect(isDetached(array)).toBe(false);
    structuredClone(array, { transfer: [array.buffer] });
    expect(isDetached(array)).toBe(true);
    expect(isDetached(new Float32Array(0))).toBe(false);
  });
});
