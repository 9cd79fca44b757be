import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { ConfigError } from './config-error';
import { asStorageError, StorageError } from './storage-error';

const thrown = (call: () => Promise<unknown>) =>
  call().then(
    () => expect.fail('it went well'),
    (error: unknown) => error,
  );

describe('asStorageError', () => {
  it('says in words what a file system refuses', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    await (await open(file, 'w')).close();
    const refused: [() => Promise<unknown>, string][] = [
      [() => readFile(join(folder, 'none')), 'received no file or folder of that name (ENOENT)'],
      [() => readFile(folder), 'received a folder of that name (EISDIR)'],
      [() => mkdir(join(file, 'inner')), 'received a path through a file as if it were a folder (ENOTDIR)'],
      [() => mkdir(file), 'received something else of that name (EEXIST)'],
      [() => readFile(undefined as never), 'received something that is no path (ERR_INVALID_ARG_TYPE)'],
      [() => mkdir(join(folder, 'a'.repeat(300))), 'received a name that is too long (ENAMETOOLONG)'],
    ];
    for (const [call, message] of refused) {
      const error = asStorageError(await thrown(call), file);
      expect(error).toBeInstanceOf(StorageError);
      expect((error as Error).message).toContain(message);
    }
  });

  it('says what to do about a full disk, and keeps the name that the system has for it', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const error = asStorageError(full, 'model') as StorageError;
    expect(error.message).toBe(
      'model: expected a file system that takes the file, received a full one (ENOSPC). Make room, or name a folder on another disk.',
    );
    expect(error.systemCode).toBe('ENOSPC');
    expect(error.at('elsewhere').systemCode).toBe('ENOSPC');
  });

  it('leaves other errors as they are', () => {
    const ours = new ConfigError({ expected: 'a', received: 'b' });
    for (const other of [ours, new TypeError('no'), 'text', undefined]) expect(asStorageError(other, '')).toBe(other);
  });
});
