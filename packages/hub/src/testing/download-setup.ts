import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { download } from '../download/download';
import type { DownloadOptions } from '../download/download-options';
import { temporaryFolder } from './test-files';
import { type Fault, TestHub, testCommit, testRepository } from './test-hub';

export const large = Buffer.alloc(300_000, 'the weights of a model, ');
export const config = Buffer.from('{"model_type": "größe"}');
export const everything = {
  'config.json': config,
  'model.safetensors': large,
  'onnx/a b.txt': Buffer.from('x'),
  empty: Buffer.alloc(0),
};

interface DownloadSetup {
  readonly hub: TestHub;
  readonly cache: string;
  fetchFiles(options?: DownloadOptions): ReturnType<typeof download>;
  /** The content of the large file in the cache. */
  weights(): Buffer;
  /** Blobs that are whole, and what is left of others. */
  blobs(): string[];
}

/** A hub, an empty cache, and a download from one into the other. */
export async function downloadSetup(
  faults: readonly Fault[] = [],
  files: Record<string, Buffer> = { 'model.safetensors': large },
): Promise<DownloadSetup> {
  const hub = await TestHub.start(files);
  hub.faults.push(...faults);
  const cache = temporaryFolder();
  const folder = join(cache, 'models--owner--model');
  const fetchFiles = (options: DownloadOptions = {}) =>
    download(testRepository, {
      endpoint: hub.endpoint,
      cacheDirectory: cache,
      token: false,
      retryDelay: 1,
      ...options,
    });
  return {
    hub,
    cache,
    fetchFiles,
    weights: () => readFileSync(join(folder, 'snapshots', testCommit, 'model.safetensors')),
    blobs: () => (existsSync(join(folder, 'blobs')) ? readdirSync(join(folder, 'blobs')) : []),
  };
}

/** What a download failed with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('the download succeeded'),
    (error) => error,
  );
}
