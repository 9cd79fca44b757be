import { describe, expect, it } from 'vitest';
import { SampleError, StorageError } from './errors';
import { readSampleFile } from './read-sample-file';

const nothing = () => Promise.reject(new StorageError({ where: 'a.png', expected: 'a file', received: 'none' }));

describe('readSampleFile', () => {
  it('gives what is read, and tells what cannot be as a fault of the sample', async () => {
    expect(await readSampleFile('a.png', { training: false }, 'an image file', async () => Uint8Array.of(1))).toEqual(
      Uint8Array.of(1),
    );
    const error = await readSampleFile('a.png', { training: false }, 'an image file', nothing).catch((error) => error);
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
    const error = await readSampleFile(path, { training: false }, 'an image file', nothing).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('password');
  });

  it('reads nothing where samples may not name files, and does not tell whether there is such a file', async () => {
    const context = { training: false, readFiles: false };
    const read = () => expect.fail('it was read');
    const error = await readSampleFile('/etc/passwd', context, 'an image file', read).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toBe(
      'expected the bytes of an image file, received a path. This model reads no files (`readFiles: false`).',
    );
  });

  it.each(['C:\\pictures\\a.png', 'a:b.png', '/tmp/a.png'])('takes %s for a path', async (path) => {
    expect(await readSampleFile(path, { training: false }, 'an image file', async () => Uint8Array.of(1))).toHaveLength(
      1,
    );
  });
});
