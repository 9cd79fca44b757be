import { crc32 } from 'node:zlib';
import type { PreparedSample, Sample } from '@polymodal/core';
import { decodeFeatures, encodeFeatures } from './feature-record';
import { FileChecksums } from './file-checksums';
import { sampleKey } from './sample-key';
import { ShardReader } from './shard-reader';
import { ShardWriter } from './shard-writer';

/** Where features are kept, and what makes them. Plain data, that threads are sent. */
export interface FeatureCacheSetup {
  readonly directory: string;
  /** What the folder may take. */
  readonly maxBytes: number;
  /** Of what prepares samples: one that would make other features has another. */
  readonly identity: string;
}

/** Room is made by whole shards: so many are there at least, and none is so large that it cannot be done without. */
const [leastShards, largestShard] = [32, 2 ** 28];

/**
 * Prepared samples on disk, one behind the other in a few large files, each known by what it was made of. Processes, and threads, share a folder
 * without knowing of one another: each appends to files of its own, and a sample has a checksum, so that what was cut by a kill is not there, or is made anew.
 */
export class FeatureCache {
  readonly #identity: string;
  readonly #files = new FileChecksums();
  readonly #reader: ShardReader;
  readonly #writer: ShardWriter;

  constructor({ directory, maxBytes, identity }: FeatureCacheSetup) {
    this.#identity = identity;
    this.#reader = new ShardReader(directory);
    this.#writer = new ShardWriter(directory, Math.min(largestShard, maxBytes / leastShards));
  }

  /** What a sample is kept under; `undefined` for one that cannot be known again. */
  keyOf(sample: Sample, isTraining: boolean): Promise<string | undefined> {
    return sampleKey(sample, `${this.#identity} ${isTraining ? 'training' : 'inference'}`, this.#files);
  }

  /** What is kept of a sample. It counts as used now. */
  find(key: string): PreparedSample | undefined {
    for (const place of this.#reader.find(key)) {
      const content = this.#reader.read(place);
      if (!content) continue;
      const sum = crc32(content); // somebody may write into a shard while a run reads it
      const found = decodeFeatures(content, key, sum === place.crc32);
      if (!found) continue;
      place.crc32 = sum;
      return found;
    }
    return undefined;
  }

  /**
   * Keeps a sample.
   *
   * @returns the bytes that it takes; 0 where the file system refuses: a cache is no reason to stop
   */
  keep(key: string, prepared: PreparedSample): number {
    return this.#writer.append(key, encodeFeatures(prepared, key));
  }

  /** Lets go of its files. */
  close(): void {
    this.#reader.close();
    this.#writer.close();
  }
}
