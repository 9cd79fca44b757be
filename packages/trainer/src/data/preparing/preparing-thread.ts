// Runs in a thread: makes the processors of a model, then prepares samples.
import { parentPort, workerData } from 'node:worker_threads';
import {
  ConfigError,
  composeProcessors,
  createRegistry,
  describeThrown,
  isRecord,
  makeAugmentations,
  type Plugin,
  RandomKey,
  reportError,
} from '@polymodal/core';
import { FeatureCache } from '../feature-cache/feature-cache';
import { importAugment } from './imported-augment';
import { packSample } from './packed-sample';
import { plainCopy } from './plain-copy';
import { SamplePreparer } from './sample-preparer';
import type { PrepareMessage, TaskMessage, ThreadMessage, ThreadSetup } from './thread-messages';

/** Samples that are under way: while files are read and decoded for one, another is computed. */
const atOnce = 4;

const port = parentPort!;
const waiting: TaskMessage[] = [];
let active = 0;
const setup = workerData.setup as ThreadSetup;

try {
  const preparer = await makePreparer();
  port.on('message', (task: TaskMessage) => {
    waiting.push(task);
    begin(preparer);
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'not ready', error: reportError(error) });
}

async function makePreparer(): Promise<SamplePreparer> {
  const { plugins, config, files, readFiles, augment, cache, decodedBytes } = setup;
  const registry = createRegistry(await Promise.all(plugins.map(importPlugin)));
  const from = composeProcessors(registry, config, (part, name) => files.get(`${part}/${name}`));
  const { imported, words } = augment;
  const made = imported
    ? await importAugment(imported)
    : words && makeAugmentations(registry, config.encoders, words, 'train.augment');
  return new SamplePreparer(from, { readFiles, augment: made, cache: cache && new FeatureCache(cache), decodedBytes });
}

async function importPlugin({ name, module }: ThreadSetup['plugins'][number]): Promise<Plugin> {
  const fault = (received: string, cause?: unknown) =>
    new ConfigError({
      where: `plugin "${name}".module`,
      expected: `the module that exports the plugin, written there as import.meta.url`,
      received,
      cause,
    });
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(module);
  } catch (cause) {
    throw fault(`${describeThrown(cause)} while loading ${module}`, cause);
  }
  const found = Object.values(exported).find(
    (own) => isRecord(own) && own.specificationVersion === 'v1' && own.name === name,
  );
  if (!found) throw fault(`${module}, which exports none of this name`);
  return found as unknown as Plugin;
}

function begin(preparer: SamplePreparer): void {
  for (; active < atOnce && waiting.length > 0; active++) {
    void answer(preparer, waiting.shift()!).finally(() => {
      active--;
      begin(preparer);
    });
  }
}

async function answer(preparer: SamplePreparer, task: TaskMessage): Promise<void> {
  try {
    await (task.kind === 'prepare' ? prepare(preparer, task) : recall(preparer, task));
  } catch (error) {
    say({ kind: 'failed', id: task.id, error: reportError(error) });
  }
}

async function prepare(
  preparer: SamplePreparer,
  { id, sample, key, where, mayKeep = false }: PrepareMessage,
): Promise<void> {
  const {
    prepared,
    targets,
    isRandom,
    keptBytes,
    key: kept,
  } = await preparer.prepare({
    sample,
    key: key && RandomKey.restore(key),
    where,
    mayKeep,
  });
  const packed = packSample(prepared);
  const own = setup.augment.imported && plainCopy({ targets }, where);
  say({ kind: 'prepared', id, packed, isRandom, keptBytes, key: kept, ...(own && { augmented: own.value }) }, [
    packed.memory,
    ...(own?.memory ?? []),
  ]);
}

async function recall(preparer: SamplePreparer, { id, key }: Extract<TaskMessage, { kind: 'recall' }>): Promise<void> {
  const found = await preparer.recall(key);
  const packed = found && packSample(found);
  say({ kind: 'recalled', id, packed }, packed ? [packed.memory] : []);
}

function say(message: ThreadMessage, memory: ArrayBuffer[] = []): void {
  port.postMessage(message, memory);
}
