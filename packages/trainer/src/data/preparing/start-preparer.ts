import { ConfigError, type Model } from '@polymodal/core';
import { z } from 'zod';
import { type Augment, augmentationWords, isImported } from '../augment';
import type { Dataset } from '../dataset';
import { cacheIdentity } from '../feature-cache/cache-identity';
import { CacheRoom } from '../feature-cache/cache-room';
import { FeatureCache, type FeatureCacheSetup } from '../feature-cache/feature-cache';
import { KeepingPreparer } from '../feature-cache/keeping-preparer';
import { importAugment } from './imported-augment';
import { PreparingThreads } from './preparing-threads';
import { type Preparer, SamplePreparer } from './sample-preparer';

/** Each thread has its own memory, and processors of its own. */
const mostWorkers = 64;

/** How many threads prepare samples. */
export const workersSchema = z.int().nonnegative().max(mostWorkers);

/** Who prepares the samples of a training. */
export interface PreparingOptions {
  /** How many threads; 0 for the one that trains. */
  readonly workers: number;
  readonly augment?: Augment | undefined;
  /** Where features are kept on disk. */
  readonly featureCache?: { readonly directory: string; readonly maxBytes: number } | undefined;
  /** Of decoded values that may stay in memory, of all threads together. */
  readonly decodedCacheBytes?: number;
  readonly sources: ReadonlyMap<string, Dataset>;
  readonly evaluate?: Dataset | undefined;
}

/**
 * Begins what prepares the samples of a training. Its results are the same, whatever the number of workers.
 *
 * @throws ConfigError for a function that augments and threads that cannot be sent it; for plugins that threads cannot load
 * @throws StorageError for a cache whose folder cannot be made
 */
export async function startPreparer(model: Model, options: PreparingOptions): Promise<Preparer> {
  const { featureCache, sources, evaluate } = options;
  if (!featureCache) return preparerOf(model, options);
  const { directory, maxBytes } = featureCache;
  const identity = await cacheIdentity(model, [...sources.values(), ...(evaluate ? [evaluate] : [])]);
  const room = await CacheRoom.open(directory, maxBytes);
  return new KeepingPreparer(await preparerOf(model, options, { directory, maxBytes, identity }), room);
}

async function preparerOf(
  model: Model,
  { workers, augment, decodedCacheBytes = 0 }: PreparingOptions,
  cache?: FeatureCacheSetup,
): Promise<Preparer> {
  if (workers === 0) {
    const own = isImported(augment) ? await importAugment(augment) : augment;
    return SamplePreparer.of(model, {
      augment: own,
      cache: cache && new FeatureCache(cache),
      decodedBytes: decodedCacheBytes,
    });
  }
  const decodedBytes = decodedCacheBytes / workers;
  const kept = { cache, decodedBytes };
  if (isImported(augment)) return PreparingThreads.start(workers, model, { augment: { imported: augment }, ...kept });
  if (typeof augment !== 'function') {
    return PreparingThreads.start(workers, model, { augment: { words: augmentationWords(augment) }, ...kept });
  }
  throw new ConfigError({
    where: 'train.augment',
    expected: 'a module that exports what augments, since there are workers, which no function can be sent to',
    received: 'a function',
    hint: "Name its module: { module: new URL('./augment.js', import.meta.url), name: 'augment' }, or leave workers out.",
  });
}
