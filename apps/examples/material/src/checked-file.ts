import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeLeftovers, syncFolder, temporaryPath, writeDurably } from '@polymodal/core/node';

const checksumLength = 32;

/** Writes `parts` behind their SHA-256, so that the file is there whole or not at all, whenever the process ends. */
export async function writeChecked(path: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
  const content = Buffer.concat([new Uint8Array(checksumLength), ...parts]);
  content.set(createHash('sha256').update(content.subarray(checksumLength)).digest());
  const temporary = temporaryPath(path);
  await mkdir(dirname(path), { recursive: true });
  await removeLeftovers(path);
  try {
    await writeDurably(temporary, content);
    signal?.throwIfAborted();
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What {@link writeChecked} wrote, or undefined if there is no such file or its content is not what was written. */
export async function readChecked(path: string): Promise<Uint8Array | undefined> {
  if (!existsSync(path)) return undefined;
  const bytes = await readFile(path);
  const content = bytes.subarray(checksumLength);
  const checksum = createHash('sha256').update(content).digest();
  return checksum.equals(bytes.subarray(0, checksumLength)) ? content : undefined;
}
