import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CreateError } from './create-error';

/**
 * Writes files into a folder that is new or empty. They are written aside first and then put in place at once, so that there are all of
 * them or none, also where the disk is full or somebody presses Ctrl-C.
 *
 * @param directory an absolute path
 * @param signal aborts the writing
 * @throws CreateError for a folder that has something in it, or that cannot be written to
 */
export async function writePackage(
  directory: string,
  files: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  requireEmpty(directory);
  let aside: string | undefined;
  try {
    aside = mkdtempSync(join(nearestFolder(directory), '.create-polymodal-plugin-'));
    for (const [path, content] of files) {
      signal.throwIfAborted();
      await mkdir(dirname(join(aside, path)), { recursive: true });
      await writeFile(join(aside, path), content);
    }
    signal.throwIfAborted();
    requireEmpty(directory, basename(aside)); // somebody may have come first
    putInPlace(aside, directory);
  } catch (error) {
    throw asCreateError(error, directory);
  } finally {
    if (aside) rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * Refuses a folder in which something stands that would be replaced, or be mixed with the package.
 *
 * @param ours the name of what we put there ourselves
 * @throws CreateError
 */
function requireEmpty(directory: string, ours?: string): void {
  if (!existsSync(directory)) return;
  const isFolder = statSync(directory).isDirectory();
  const entries = isFolder ? readdirSync(directory).filter((entry) => entry !== ours) : [];
  if (isFolder && entries.length === 0) return;
  throw new CreateError({
    expected: 'a folder that is new or empty',
    received: isFolder ? `${directory}, which has ${listed(entries)} in it` : `${directory}, which is a file`,
    hint: 'Nothing was changed. Choose another with --directory.',
  });
}

/** The folder itself, or the nearest one above it that is there: on its file system a rename is enough. */
function nearestFolder(directory: string): string {
  return existsSync(directory) ? directory : nearestFolder(dirname(directory));
}

/** Not interrupted, since nothing is awaited. */
function putInPlace(aside: string, directory: string): void {
  if (!existsSync(directory)) {
    mkdirSync(dirname(directory), { recursive: true });
    renameSync(aside, directory);
    return;
  }
  // A shell may be in a folder that is there, so it stays and is filled; by its package.json it is whole.
  const entries = readdirSync(aside).sort((a, b) => Number(a === 'package.json') - Number(b === 'package.json'));
  for (const entry of entries) renameSync(join(aside, entry), join(directory, entry));
}

/** What a file system refuses, said of the folder; other errors as they are. */
function asCreateError(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new CreateError({
    expected: `to write into ${directory}`,
    received: error.message,
    hint: 'Choose another folder with --directory.',
    cause: error,
  });
}

function listed(entries: readonly string[]): string {
  const shown = entries.slice(0, 3).join(', ');
  return entries.length > 3 ? `${shown} and ${entries.length - 3} more` : shown;
}
