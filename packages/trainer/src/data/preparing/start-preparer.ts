import { ConfigError, type Model } from '@polymodal/core';
import { type Augment, augmentationWords, isImported } from '../augment';
import { importAugment } from './imported-augment';
import { PreparingThreads } from './preparing-threads';
import { type Preparer, SamplePreparer } from './sample-preparer';

/** Who prepares the samples of a training. */
export interface PreparingOptions {
  /** How many threads; 0 for the one that trains. */
  readonly workers: number;
  readonly augment?: Augment | undefined;
}

/**
 * Begins what prepares the samples of a training. Its results are the same, whatever the number of workers.
 *
 * @throws ConfigError for a function that augments and threads that cannot be sent it; for plugins that threads cannot load
 */
export async function startPreparer(model: Model, { workers, augment }: PreparingOptions): Promise<Preparer> {
  if (workers === 0) return SamplePreparer.of(model, isImported(augment) ? await importAugment(augment) : augment);
  if (isImported(augment)) return PreparingThreads.start(workers, model, { imported: augment });
  if (typeof augment !== 'function')
    return PreparingThreads.start(workers, model, { words: augmentationWords(augment) });
  throw new ConfigError({
    where: 'train.augment',
    expected: 'a module that exports what augments, since there are workers, which no function can be sent to',
    received: 'a function',
    hint: "Name its module: { module: new URL('./augment.js', import.meta.url), name: 'augment' }, or leave workers out.",
  });
}
