import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileFormatError, StorageError } from '../errors';
import * as browser from './browser';
import { readRegularFile, readRegularFileSync } from './read-regular-file';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-files-'));
  path = join(folder, 'a file');
});

afterEach(() => rmSync(folder, { recursive: true }));

const options = { maxBytes: 1000 };

/** Both ways of reading. */
const ways = {
  readRegularFile,
  readRegularFileSync: async (path: string, o: typeof options) => readRegularFileSync(path, o),
};

describe.each(Object.entries(ways))('%s', (_, read) => {
  const complaint = (of: string) =>
    read(of, options).then(
      () => expect.fail('it was read'),
      (error: unknown) => error as FileFormatError | StorageError,
    );

  it('gives the bytes of a file', async () => {
    writeFileSync(path, Uint8Array.of(1, 0, 255));
    expect([...(await read(path, options))]).toEqual([1, 0, 255]);
    writeFileSync(path, '');
    expect(await read(path, options)).toHaveLength(0);
  });

  it('takes a file of the greatest length and refuses a longer one', async () => {
    writeFileSync(path, new Uint8Array(1000));
    expect(await read(path, options)).toHaveLength(1000);
    writeFileSync(path, new Uint8Array(1001));
    expect(await complaint(path)).toMatchObject({ expected: 'a file of at most 1000 bytes', received: '1001' });
  });

  it('refuses a folder, and says what the system says of a file that is not there', async () => {
    expect(await complaint(folder)).toMatchObject({ received: 'a folder' });
    const missing = await complaint(path);
    expect(missing).toBeInstanceOf(StorageError);
    expect(missing).toMatchObject({ where: path, systemCode: 'ENOENT' });
    expect(await complaint('a\0b')).toBeInstanceOf(StorageError);
  });

  it.skipIf(process.platform === 'win32')('refuses pipes, sockets and devices, and waits for none', async () => {
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect(await complaint(path)).toBeInstanceOf(FileFormatError);
    expect(await complaint(path)).toMatchObject({ received: 'a pipe' });
    expect(await complaint('/dev/zero')).toMatchObject({ received: 'a device' });
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await complaint(join(folder, 'socket'))).toMatchObject({ received: 'a socket' });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('in a browser', () => {
  it('both say that there are no files, and what to pass', async () => {
    await expect(browser.readRegularFile('a.png', options)).rejects.toThrow(StorageError);
    expect(() => browser.readRegularFileSync('a.png', options)).toThrow(/^a.png: expected bytes, .* Pass the bytes/);
  });
});
