import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fileChecksum } from './file-checksum';
import { statOf } from './stat-of';

const writtenFile = z.strictObject({
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The files that a manifest lists, by their paths from its folder, with `/`. */
export const writtenFiles = z.record(
  z.string().refine(isSafeFileName, 'expected a path within the folder'),
  writtenFile,
);

/** What a writer put into a file. */
export type WrittenFile = z.output<typeof writtenFile>;

/** Files that belong together, by their paths from their folder, with `/`. */
export type WrittenFiles = Readonly<Record<string, WrittenFile>>;

/** Whether a name from elsewhere is a path that stays where it is put, on every system. */
export function isSafeFileName(name: string): boolean {
  return name
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\p{Control}]/u.test(part));
}

/** What is to be said of a file with this content. */
export function describeContent(content: Uint8Array | string): WrittenFile {
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  return { bytes, sha256: createHash('sha256').update(content).digest('hex') };
}

/**
 * Whether a file still is what its writer made of it, whose manifest was put in place after it. A file that nothing has
 * touched since is not read.
 *
 * @param manifestChangedMs when the manifest was put in place (its ctime, which no program can set)
 */
export async function isAsWritten(path: string, written: WrittenFile, manifestChangedMs: number): Promise<boolean> {
  const stats = await statOf(path);
  if (!stats?.isFile() || stats.size !== written.bytes) return false;
  return stats.ctimeMs < manifestChangedMs || (await fileChecksum(path)) === written.sha256;
}
