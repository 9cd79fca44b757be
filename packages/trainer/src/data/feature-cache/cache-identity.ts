import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, createRegistry, type Model, processorFiles, processorOptions } from '@polymodal/core';
import type { Dataset } from '../dataset';
import { SamplePreparer } from '../preparing/sample-preparer';
import { encodeFeatures } from './feature-record';

/**
 * What features are made by, as a checksum: the options of a model's processors and what they know, the versions of the packages that they are
 * of, and the features of the first sample of each data set, so that code that was changed without another version is noticed too.
 *
 * @throws ConfigError for a model that was not composed, whose processors nobody knows
 */
export async function cacheIdentity(model: Model, datasets: readonly Dataset[]): Promise<string> {
  if (model.plugins.length === 0) throw unknownProcessors();
  const hash = createHash('sha256');
  hash.update(JSON.stringify(processorOptions(createRegistry(model.plugins), model.config)));
  for (const [name, content] of processorFiles(model)) hash.update(`\n${name} ${content.length} `).update(content);
  for (const { name, module } of model.plugins) hash.update(`\n${name} ${await versionOf(module)}`);
  hash.update(`\ntrainer ${await versionOf(import.meta.url)}`);
  for (const dataset of datasets) hash.update('\nfirst sample ').update(await firstFeatures(model, dataset));
  return hash.digest('hex');
}

/** Nothing of one that cannot be read: whoever prepares all of them says why. */
async function firstFeatures(model: Model, dataset: Dataset): Promise<Uint8Array> {
  try {
    const { prepared } = await SamplePreparer.of(model).prepare({ sample: await dataset.get(0), where: 'sample 0' });
    return encodeFeatures(prepared, 'first sample');
  } catch {
    return new Uint8Array();
  }
}

/** That of the package of a module, as far as it lies in one. */
export async function versionOf(module: string | undefined): Promise<string> {
  if (!module?.startsWith('file:')) return 'unknown';
  for (let folder = dirname(fileURLToPath(module)); ; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    const version = text && (/"version"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? 'none');
    if (version || folder === dirname(folder)) return version ?? 'unknown';
  }
}

function unknownProcessors(): ConfigError {
  return new ConfigError({
    where: 'train.featureCache',
    expected: 'a model that composeModel or loadModel made: by its config it is known whether features are still right',
    received: 'one that was put together by hand',
    hint: 'Train it without a cache.',
  });
}
