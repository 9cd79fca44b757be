import { closeSync, openSync, readSync } from 'node:fs';
import { asStorageError, ConfigError } from '@polymodal/core';
import { fileChecksum } from '@polymodal/core/node';

/** Stands in the head of every report, so that no other file is taken for one. */
export const reportMark = '<meta name="generator" content="Polymodal">';

/** Whether there is a report at a path, and not some other file. @throws StorageError */
export function isOwnReport(path: string): boolean {
  return headOf(path)?.includes(reportMark) ?? false;
}

/** Makes sure that a report replaces nothing but a report. @throws ConfigError, StorageError */
export function requireOwnReport(path: string): void {
  const head = headOf(path);
  if (head === undefined || head.includes(reportMark)) return;
  throw new ConfigError({
    where: path,
    expected: 'no file, or a report that may be replaced',
    received: 'another file',
    hint: 'Move the file, or name another place.',
  });
}

/** Makes sure that a report is as it was written, or gone. @throws ConfigError, StorageError */
export async function requireUnchangedReport(path: string, sha256: unknown): Promise<void> {
  if (headOf(path) === undefined || (await fileChecksum(path)) === sha256) return;
  throw new ConfigError({
    where: path,
    expected: 'no file, or the report as it was written',
    received: 'a file that was changed since',
    hint: 'Move the file, or name another place.',
  });
}

/** The first letters of a file, if there is one. */
function headOf(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw asStorageError(error, path, 'a file that can be read');
  }
  try {
    const bytes = new Uint8Array(1000);
    return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes)));
  } catch (error) {
    throw asStorageError(error, path, 'a file that can be read');
  } finally {
    closeSync(file);
  }
}
