import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import {
  ConfigError,
  isRecord,
  type Model,
  type Plugin,
  type PreparedSample,
  processorFiles,
  StateError,
} from '@polymodal/core';
import type { FeatureCacheSetup } from '../feature-cache/feature-cache';
import { urlOf } from './imported-augment';
import { PreparingThreadHandle, threadMark } from './preparing-thread-handle';
import type { Prepared, Preparer, PreparingTask } from './sample-preparer';
import type { ThreadAugment } from './thread-messages';

/** What threads do beside running processors. */
export interface ThreadOptions {
  readonly augment?: ThreadAugment;
  readonly cache?: FeatureCacheSetup | undefined;
  /** Of decoded values, for each. */
  readonly decodedBytes?: number;
}

/** Prepares samples in other threads, each of which has processors like those of the model. */
export class PreparingThreads implements Preparer {
  readonly #threads: readonly PreparingThreadHandle[];

  private constructor(threads: readonly PreparingThreadHandle[]) {
    this.#threads = threads;
  }

  /**
   * Starts threads. What the model's processors know is what they know now.
   *
   * @throws ConfigError for plugins that do not say where they are, or cannot be loaded there
   */
  static async start(
    count: number,
    model: Model,
    { augment = {}, cache, decodedBytes = 0 }: ThreadOptions = {},
  ): Promise<PreparingThreads> {
    requireOtherThread();
    const { imported } = augment;
    const plugins = model.plugins.map((plugin) => ({ name: plugin.name, module: moduleOf(plugin) }));
    if (plugins.length === 0) throw unknownPlugins();
    const setup = {
      plugins,
      config: model.config,
      files: processorFiles(model),
      readFiles: model.readFiles,
      cache,
      decodedBytes,
      augment: { ...augment, ...(imported && { imported: { ...imported, module: urlOf(imported.module) } }) },
    };
    const threads = new PreparingThreads(Array.from({ length: count }, () => new PreparingThreadHandle(setup)));
    try {
      await Promise.all(threads.#threads.map((thread) => thread.started()));
    } catch (error) {
      await threads.close();
      throw error;
    }
    return threads;
  }

  /** At once, to the thread that has least to do: while this one computes, it could not hand out more. Who asks bounds how many there are. */
  prepare(task: PreparingTask): Promise<Prepared> {
    return this.#idlest.prepare(task);
  }

  recall(key: string): Promise<PreparedSample | undefined> {
    return this.#idlest.recall(key);
  }

  get #idlest(): PreparingThreadHandle {
    return this.#threads.reduce((least, own) => (own.load < least.load ? own : least));
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }
}

/** A module that trains as it is imported would start threads that train, without end. */
function requireOtherThread(): void {
  if (!isRecord(workerData) || workerData.mark !== threadMark) return;
  throw new StateError({
    where: 'train',
    expected: 'modules of plugins that only export them',
    received: 'one that trains as it is imported, in a thread that prepares samples',
    hint: 'Move the plugin, or what augments, into a module of its own.',
  });
}

function moduleOf({ name, module }: Plugin): string {
  if (module === undefined) {
    throw new ConfigError({
      where: `plugin "${name}".module`,
      expected: 'the module that exports the plugin, which the threads of train.workers import',
      received: 'nothing',
      hint: 'Write there, in a module that exports it: definePlugin({ …, module: import.meta.url }). Or train without workers.',
    });
  }
  if (module !== mainModule()) return module;
  throw new ConfigError({
    where: `plugin "${name}".module`,
    expected: 'a module that only exports it: threads import it again',
    received: 'the program itself',
    hint: 'Move the plugin into a module of its own, or train without workers.',
  });
}

function mainModule(): string | undefined {
  try {
    return pathToFileURL(realpathSync(process.argv[1])).href;
  } catch {
    return undefined;
  }
}

function unknownPlugins(): ConfigError {
  return new ConfigError({
    where: 'train.workers',
    expected: 'a model that composeModel or loadModel made: threads make its processors from its config',
    received: 'one that was put together by hand',
    hint: 'Train it without workers.',
  });
}
