import { StorageError } from '../errors';
import type { ReadFileOptions } from './read-regular-file';

export type { ReadFileOptions };

/** There are no files in a browser. @throws StorageError */
export async function readRegularFile(path: string, _options: ReadFileOptions): Promise<Uint8Array<ArrayBuffer>> {
  throw noFiles(path);
}

/** There are no files in a browser. @throws StorageError */
export function readRegularFileSync(path: string, _options: ReadFileOptions): Uint8Array<ArrayBuffer> {
  throw noFiles(path);
}

function noFiles(path: string): StorageError {
  return new StorageError({
    where: path,
    expected: 'bytes',
    received: 'a path, in an environment that has no files',
    hint: 'Only Node opens files. Pass the bytes: new Uint8Array(await (await fetch(url)).arrayBuffer()).',
  });
}
