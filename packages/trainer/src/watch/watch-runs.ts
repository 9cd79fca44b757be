import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { asStorageError, ConfigError, isPath, parseConfig, requireArgument } from '@polymodal/core';
import { z } from 'zod';
import { runStatus } from '../run/run-folder';
import { RunWatcher, type WatchedRun } from './run-watcher';
import { watchedRuns, watchPage, watchScript } from './watch-page';

/** Where runs are shown. */
export interface WatchOptions {
  /** Of 127.0.0.1. By default 6116, or another where that is taken. */
  readonly port?: number;
}

/** A page that follows runs. */
export interface Watch {
  readonly url: string;
  close(): Promise<void>;
}

const optionsSchema = z.strictObject({ port: z.int().min(0).max(65_535).optional() });
const usualPort = 6116;
const lookEvery = 1000; // ms

/**
 * Serves a page, on this machine alone, that follows a run while it goes on, is interrupted, resumed and finished; or all runs in a folder,
 * those too that begin later. It only reads.
 *
 * ```ts
 * const { url, close } = await watchRuns('runs');
 * ```
 *
 * @param directory of a run, or of several
 * @throws ConfigError for what is no path, and a port that is taken
 * @throws StorageError for a folder that cannot be read
 */
export async function watchRuns(directory: string, options: WatchOptions = {}): Promise<Watch> {
  requireArgument(isPath(directory), 'watchRuns', 'the path of a folder', directory);
  const { port } = parseConfig(optionsSchema, options, 'watchRuns');
  const runs = new WatchedRuns(directory);
  await runs.look();
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => answer(request, response, runs, listeners));
  const bound = await listen(server, port);
  let shown = '';
  const timer = setInterval(async () => {
    if (listeners.size === 0) return; // who comes looks first
    const content = JSON.stringify(watchedRuns(await runs.lookAgain()));
    if (content === shown) return;
    shown = content;
    for (const listener of listeners) listener.write(`data: ${content}\n\n`);
  }, lookEvery);
  return {
    url: `http://127.0.0.1:${bound}/`,
    async close() {
      clearInterval(timer);
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** The runs of a folder, which is one of them or has them in it. */
class WatchedRuns {
  readonly #directory: string;
  readonly #watchers = new Map<string, RunWatcher>();
  last: readonly WatchedRun[] = [];

  constructor(directory: string) {
    this.#directory = resolve(directory);
  }

  get title(): string {
    return basename(this.#directory);
  }

  async look(): Promise<readonly WatchedRun[]> {
    const names = isRun(this.#directory) ? ['.'] : await this.#names();
    const watched = names.map((name) => {
      const own = this.#watchers.get(name) ?? this.#watcher(name);
      this.#watchers.set(name, own);
      return own.look();
    });
    this.last = await Promise.all(watched);
    return this.last;
  }

  /** What there is now, or was when the folder could be read last. */
  lookAgain(): Promise<readonly WatchedRun[]> {
    return this.look().catch(() => this.last);
  }

  #watcher(name: string): RunWatcher {
    return new RunWatcher(name === '.' ? this.title : name, join(this.#directory, name));
  }

  async #names(): Promise<string[]> {
    const entries = await readdir(this.#directory, { withFileTypes: true }).catch((error) => {
      throw asStorageError(error, this.#directory, 'the folder of a run, or of runs');
    });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return folders.filter((name) => isRun(join(this.#directory, name))).sort();
  }
}

/** Also one that is damaged: what is wrong with it is shown. */
function isRun(directory: string): boolean {
  try {
    return runStatus(directory) !== 'none';
  } catch {
    return true;
  }
}

async function answer(
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
  runs: WatchedRuns,
  listeners: Set<ServerResponse>,
): Promise<void> {
  // A page of another site that has its name lead here sends that name.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '')) return void response.writeHead(403).end();
  if (method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
  if (url === '/') {
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...guards })
      .end(watchPage(runs.title, runs.last));
  } else if (url === '/events') {
    const content = watchedRuns(await runs.lookAgain());
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`data: ${JSON.stringify(content)}\n\n`);
    if (response.destroyed) return;
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
  } else response.writeHead(404).end();
}

/** Nothing of others runs in the page, whatever stands in the files of a run. */
const guards = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; script-src 'sha256-${createHash('sha256').update(watchScript).digest('base64')}'`,
  'x-content-type-options': 'nosniff',
};

async function listen(server: Server, asked: number | undefined): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((done, fail) => {
      server.once('error', fail);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', fail);
        done((server.address() as AddressInfo).port);
      });
    });
  try {
    return await attempt(asked ?? usualPort);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (asked === undefined && code === 'EADDRINUSE') return attempt(0);
    throw new ConfigError({
      where: 'watchRuns.port',
      expected: 'a port that is free',
      received: `${asked ?? usualPort} (${code})`,
      hint: 'Leave it out, and a free one is taken.',
    });
  }
}
