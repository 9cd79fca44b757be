import { open, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreparedSample, Sample } from '@polymodal/core';
import { makeFolder, temporaryPath } from '@polymodal/core/node';
import { decodeFeatures, encodeFeatures } from './feature-file';
import { FileChecksums } from './file-checksums';
import { sampleKey } from './sample-key';

/** Beyond so many, files are marked each time. */
const mostMarked = 100_000;

/** Where features are kept, and what makes them. Plain data, that threads are sent. */
export interface FeatureCacheSetup {
  readonly directory: string;
  /** Of what prepares samples: one that would make other features has another. */
  readonly identity: string;
}

/**
 * Prepared samples on disk, each in a file that is called after what it was made of. Processes share a folder without knowing of one another:
 * a file is written aside and put in place by a rename, and holds a checksum, so that what was cut by a kill is no file, or is made anew.
 */
export class FeatureCache {
  readonly #directory: string;
  readonly #identity: string;
  readonly #files = new FileChecksums();
  /** Keys of files that are known to have been used of late. */
  readonly #used = new Set<string>();

  constructor({ directory, identity }: FeatureCacheSetup) {
    this.#directory = directory;
    this.#identity = identity;
  }

  /** What a sample is kept under; `undefined` for one that cannot be known again. */
  keyOf(sample: Sample, isTraining: boolean): Promise<string | undefined> {
    return sampleKey(sample, `${this.#identity} ${isTraining ? 'training' : 'inference'}`, this.#files);
  }

  /** What is kept of a sample. It counts as used now. */
  async find(key: string): Promise<PreparedSample | undefined> {
    const path = this.#pathOf(key);
    const content = await readFile(path).catch(() => undefined);
    if (!content) return undefined;
    await this.#markUsed(key, path);
    return decodeFeatures(content);
  }

  /**
   * Keeps a sample.
   *
   * @returns the bytes that it takes; 0 where the file system refuses: a cache is no reason to stop
   */
  async keep(key: string, prepared: PreparedSample): Promise<number> {
    const path = this.#pathOf(key);
    const content = encodeFeatures(prepared);
    const aside = temporaryPath(path);
    try {
      await makeFolder(join(path, '..'));
      const file = await open(aside, 'wx');
      try {
        await file.writeFile(content);
      } finally {
        await file.close();
      }
      await rename(aside, path);
      return content.length;
    } catch {
      await rm(aside, { force: true }).catch(() => undefined);
      return 0;
    }
  }

  /** Once is enough: what was used since this process began stays. */
  async #markUsed(key: string, path: string): Promise<void> {
    if (this.#used.has(key)) return;
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined); // another process may have removed it
    if (this.#used.size < mostMarked) this.#used.add(key);
  }

  #pathOf(key: string): string {
    return join(this.#directory, key.slice(0, 2), `${key.slice(2)}.features`);
  }
}
