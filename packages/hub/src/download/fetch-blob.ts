import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { acquireLock, makeFolder, syncFolder } from '@polymodal/core/node';
import { ConnectionError, ProtocolError } from '../errors/download-error';
import type { FileMetadata } from './file-metadata';
import { hubRequest, retryAfterOf } from './hub-request';
import { fewestBytes, type HubResponse } from './hub-response';
import type { HubSettings } from './hub-settings';
import { PartialFile } from './partial-file';
import { Patience } from './patience';

/**
 * Fetches a file under its checksum. It takes its name when it is whole, right and on the disk; of several processes that
 * want it at once, one fetches it and the others wait.
 *
 * @throws DownloadError, StorageError
 */
export async function fetchBlob(
  settings: HubSettings,
  metadata: FileMetadata,
  paths: { readonly blob: string; readonly lock: string },
  onProgress: (received: number) => void,
): Promise<void> {
  await makeFolder(dirname(paths.blob));
  while (!existsSync(paths.blob)) {
    const lock = await acquireLock(paths.lock, { wait: true, signal: settings.signal });
    try {
      if (existsSync(paths.blob)) return;
      const partial = `${paths.blob}.polymodal.incomplete`;
      if (lock.isDoubtful) await rm(partial, { force: true }); // its writer, if it lives, keeps a file without a name
      await fetchWhole(settings, metadata, partial, onProgress);
      if (!(await lock.isHeld())) continue; // stopped for long: what has that name now is another's
      await rename(partial, paths.blob);
      await syncFolder(dirname(paths.blob));
    } finally {
      await lock.release();
    }
  }
}

async function fetchWhole(
  settings: HubSettings,
  metadata: FileMetadata,
  path: string,
  onProgress: (received: number) => void,
): Promise<void> {
  const partial = await PartialFile.open(path, metadata);
  const patience = new Patience(settings);
  let farthest = partial.length;
  try {
    for (;;) {
      try {
        if (partial.length !== metadata.size) await receive(settings, metadata, partial, onProgress);
        await partial.complete();
        return;
      } catch (error) {
        if (partial.length >= farthest + fewestBytes) patience.renew();
        farthest = Math.max(farthest, partial.length);
        await patience.afterFailure(error, retryAfterOf(error));
      }
    }
  } finally {
    await partial.close();
  }
}

/** In bytes. A hub says how large a file is; what does not may be without end, or unpack to anything. */
const longestOfUnknownSize = 1 << 26;

/** Fetches what is missing. What cannot go on from there starts anew with the next attempt. */
async function receive(
  settings: HubSettings,
  { url, size }: FileMetadata,
  partial: PartialFile,
  onProgress: (received: number) => void,
): Promise<void> {
  const range = partial.length > 0 ? { Range: `bytes=${partial.length}-` } : undefined;
  const headers = { 'Accept-Encoding': 'identity', ...range };
  const response = await hubRequest(settings, url, { headers, accept: [416] });
  const problem = rangeProblem(response, partial.length, size);
  if (problem !== undefined) {
    await response.discard();
    await partial.restart();
    throw new ConnectionError({ where: url, expected: 'the rest of the file', received: problem });
  }
  if (response.status === 200 && partial.length > 0) await partial.restart(); // a server without ranges sends all of it
  for await (const chunk of response.chunks()) {
    if (size !== undefined && partial.length + chunk.length > size) {
      await partial.restart();
      throw new ConnectionError({ where: url, expected: `${size} bytes`, received: 'more' });
    }
    if (partial.length + chunk.length > longestOfUnknownSize && size === undefined) {
      const expected = `a file whose size is announced, or one of at most ${longestOfUnknownSize} bytes`;
      throw new ProtocolError({ where: url, expected, received: 'more' });
    }
    await partial.append(chunk);
    onProgress(partial.length);
  }
  if (size !== undefined && partial.length < size) {
    throw new ConnectionError({ where: url, expected: `${size} bytes`, received: `${partial.length}, then the end` });
  }
}

/** Why an answer is not the rest of the file from `start` on. */
function rangeProblem({ status, headers }: HubResponse, start: number, size: number | undefined): string | undefined {
  if (status === 416) return 'a refusal of the range';
  if (status !== 206) return undefined;
  if (headers.has('content-encoding')) return 'a part of a compressed file';
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const fits = first !== undefined && Number(first) === start && (total === '*' || Number(total) === size);
  return fits ? undefined : `the range ${headers.get('content-range')}`;
}
