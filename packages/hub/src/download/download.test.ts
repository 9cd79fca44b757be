import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import {
  AccessError,
  ChecksumError,
  ConnectionError,
  DownloadError,
  NotFoundError,
  OfflineError,
  ProtocolError,
} from '../errors/download-error';
import { StorageError } from '../errors/storage-error';
import { temporaryFolder } from '../test-files';
import { download } from './download';
import type { DownloadOptions, DownloadProgress } from './download-options';
import {
  answer,
  drop,
  endEarly,
  type Fault,
  fallSilent,
  gitSha1,
  sendAnotherRange,
  sendCompressed,
  sendCompressedPart,
  sendFile,
  sendMore,
  sendWhole,
  sha256,
  spoil,
  TestHub,
  testCommit,
  testRepository,
} from './test-hub';

const large = Buffer.alloc(300_000, 'the weights of a model, ');
const config = Buffer.from('{"model_type": "größe"}');
const everything = {
  'config.json': config,
  'model.safetensors': large,
  'onnx/a b.txt': Buffer.from('x'),
  empty: Buffer.alloc(0),
};

interface Setup {
  readonly hub: TestHub;
  readonly cache: string;
  fetchFiles(options?: DownloadOptions): ReturnType<typeof download>;
  /** The content of the large file in the cache. */
  weights(): Buffer;
  /** Blobs that are whole, and what is left of others. */
  blobs(): string[];
}

async function setup(
  faults: readonly Fault[] = [],
  files: Record<string, Buffer> = { 'model.safetensors': large },
): Promise<Setup> {
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

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('the download succeeded'),
    (error) => error,
  );
}

describe('download', () => {
  it('keeps files as Python does: blobs by checksum, snapshots of relative links, refs', async () => {
    const { cache, fetchFiles, hub } = await setup([], everything);
    const { directory, commit, files } = await fetchFiles();
    expect([commit, directory]).toEqual([testCommit, join(cache, 'models--owner--model', 'snapshots', testCommit)]);
    expect(files).toEqual(Object.keys(everything));
    for (const [name, content] of Object.entries(everything))
      expect(readFileSync(join(directory, name)).equals(content)).toBe(true);
    expect(readFileSync(join(cache, 'models--owner--model', 'refs', 'main'), 'utf8')).toBe(testCommit);
    expect(readlinkSync(join(directory, 'model.safetensors'))).toBe(`../../blobs/${sha256(large)}`);
    expect(readlinkSync(join(directory, 'onnx', 'a b.txt'))).toBe(`../../../blobs/${gitSha1(Buffer.from('x'))}`);
    expect(lstatSync(join(directory, 'config.json')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(cache, '.locks', 'models--owner--model'))).toEqual([]);
    const before = hub.requests.length;
    await fetchFiles(); // asks only what the branch is
    expect(hub.requests.slice(before).map(({ path }) => path)).toEqual([`/api/models/${testRepository}/revision/main`]);
  });

  it('fetches what is asked for: names, patterns, a choice', async () => {
    const { fetchFiles } = await setup([], everything);
    expect((await fetchFiles({ files: ['config.json', 'onnx/*'] })).files).toEqual(['config.json', 'onnx/a b.txt']);
    expect((await fetchFiles({ files: ['*.safe*'] })).files).toEqual(['model.safetensors']);
    expect((await fetchFiles({ files: ['*.none'] })).files).toEqual([]);
    expect((await fetchFiles({ files: (names) => names.slice(-1) })).files).toEqual(['empty']);
    const error = await failure(fetchFiles({ files: ['none.json'] }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.message).toContain('owner/model@main: expected one of its 4 files, received "none.json"');
  });

  it('goes on where a dropped connection ended, however often', async () => {
    const drops = Array.from({ length: 12 }, () => drop(20_000));
    const { hub, fetchFiles, weights } = await setup(drops);
    await fetchFiles({ retries: 1 });
    expect(weights().equals(large)).toBe(true);
    const starts = hub.fetches.map(({ range }) => Number(range?.match(/\d+/)?.[0] ?? 0));
    expect(starts).toHaveLength(13);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(100_000);
  });

  it('gives up when a connection brings nothing any more, and goes on from there the next time', async () => {
    const { hub, fetchFiles, weights, blobs } = await setup([
      drop(100_000),
      ...Array.from({ length: 3 }, () => drop(0)),
    ]);
    const error = await failure(fetchFiles({ retries: 2 }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).not.toContain('secret');
    expect(blobs()).toEqual([`${sha256(large)}.polymodal.incomplete`]);
    const progress: DownloadProgress[] = [];
    await fetchFiles({ onProgress: (step) => progress.push(step) });
    expect(weights().equals(large)).toBe(true);
    expect(hub.fetches.at(-1)?.range).toMatch(/^bytes=[1-9]/);
    expect(progress[0].received).toBeGreaterThan(Number(hub.fetches.at(-1)?.range?.match(/\d+/)?.[0]));
    expect(progress.at(-1)).toEqual({ file: 'model.safetensors', received: large.length, size: large.length });
    expect(blobs()).toEqual([sha256(large)]);
  });

  it.each<[string, Fault]>([
    ['another range', sendAnotherRange(() => 'bytes 0-9/300000')],
    ['a range of another file', sendAnotherRange(() => 'bytes 100000-100009/77')],
    ['a range without a name', sendAnotherRange(() => undefined)],
    ['status 416', answer(416)],
    ['all of it', sendWhole],
    ['more than all of it', sendMore],
    ['a compressed whole', sendCompressed],
    ['a compressed part', sendCompressedPart],
    ['too little', endEarly],
    ['an error of the server', answer(503)],
    ['too many requests', answer(429, { 'Retry-After': '0' })],
    ['an announced length that is not kept', drop(10)],
  ])('gets the right file from a server that answers a request for the rest with %s', async (_, fault) => {
    for (const hasChecksums of [true, false]) {
      const { hub, fetchFiles, weights, blobs } = await setup([drop(100_000), fault]);
      hub.hasChecksums = hasChecksums;
      await fetchFiles();
      expect(weights().equals(large)).toBe(true);
      expect(blobs()).toEqual([hasChecksums ? sha256(large) : 'opaque']);
    }
  });

  it('takes all of it from a server without ranges, and does not ask again', async () => {
    const { hub, fetchFiles } = await setup([drop(100_000), sendWhole]);
    await fetchFiles();
    expect(hub.fetches).toHaveLength(2);
  });

  it.each<[string, Fault]>([
    ['other bytes under the right range', sendAnotherRange((length) => `bytes 100000-${length - 1}/${length}`)],
    ['one wrong bit', spoil],
  ])('notices by the checksum that a server sent %s', async (_, fault) => {
    const { fetchFiles, weights } = await setup([drop(100_000), fault]);
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
  });

  it('never keeps a file with a wrong checksum, large or small', async () => {
    const spoilt = Array.from({ length: 3 }, () => spoil);
    const { fetchFiles, blobs, cache } = await setup([...spoilt, ...spoilt], {
      'config.json': config,
      'model.safetensors': large,
    });
    for (const name of ['config.json', 'model.safetensors']) {
      const error = await failure(fetchFiles({ files: [name], retries: 2 }));
      expect(error).toBeInstanceOf(ChecksumError);
    }
    expect(blobs().every((name) => name.endsWith('.incomplete'))).toBe(true);
    expect(existsSync(join(cache, 'models--owner--model', 'refs'))).toBe(false);
    await fetchFiles();
    expect(blobs().sort()).toEqual([gitSha1(config), sha256(large)].sort());
  });

  it('gets compressed files too, whose length nobody told', async () => {
    const { hub, fetchFiles } = await setup([sendCompressed], { 'config.json': config });
    hub.hubFaults.push(sendFile, (content, _, response) => {
      const length = { 'Content-Encoding': 'gzip', 'Content-Length': 99 }; // of what is sent, not of the file
      response.writeHead(200, { ETag: `W/"${gitSha1(config)}"`, ...length }).end();
      expect(content).toEqual(config);
    });
    hub.hubFaults[0] = (_content, _request, response) =>
      void response.end(JSON.stringify({ sha: testCommit, siblings: [{ rfilename: 'config.json' }] }));
    const { directory } = await fetchFiles();
    expect(readFileSync(join(directory, 'config.json'))).toEqual(config);
  });

  it('takes silence for a dead connection', async () => {
    const { fetchFiles, weights } = await setup([fallSilent(1000), fallSilent(0), () => {}]);
    await fetchFiles({ timeout: 60 });
    expect(weights().equals(large)).toBe(true);
    const { fetchFiles: again } = await setup(Array.from({ length: 5 }, () => () => {}));
    const error = await failure(again({ timeout: 30, retries: 1 }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('received no byte for 30 ms');
  });

  it('sends the token to the hub and to no other host', async () => {
    const { hub, fetchFiles } = await setup([], everything);
    await fetchFiles({ token: 'hf_secret' });
    for (const { host, authorization } of hub.requests) {
      expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
    }
    expect(hub.requests.some(({ host }) => host === 'storage')).toBe(true);
  });

  it('follows a redirect of the hub itself, as for a renamed repository, and no endless or unsafe one', async () => {
    const { hub, fetchFiles, weights } = await setup();
    hub.hubFaults.push(answer(307, { Location: `/api/models/${testRepository}/revision/main?renamed` }));
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    hub.hubFaults.push(...Array.from({ length: 20 }, () => answer(302, { Location: '/again' })));
    expect(await failure(fetchFiles())).toBeInstanceOf(ProtocolError);
    hub.hubFaults.length = 0;
    hub.hubFaults.push(answer(302, { Location: 'file:///etc/passwd' }));
    expect(await failure(fetchFiles())).toBeInstanceOf(ProtocolError);
  });

  it('says why the hub does not answer as it should', async () => {
    const { hub, fetchFiles } = await setup();
    for (const [fault, kind, message] of [
      [answer(401), AccessError, 'HF_TOKEN'],
      [
        answer(403, { 'X-Error-Code': 'GatedRepo', 'X-Error-Message': 'Access is restricted.' }),
        AccessError,
        'Accept the terms',
      ],
      [answer(404, { 'X-Error-Code': 'RevisionNotFound' }), NotFoundError, 'status 404 (RevisionNotFound)'],
      [answer(401, { 'X-Error-Code': 'RepoNotFound' }), NotFoundError, 'Check the names'],
      [answer(400), ProtocolError, 'status 400'],
      [answer(200), ProtocolError, 'the commit and files of a repository'],
    ] as const) {
      hub.hubFaults.push(fault);
      const before = hub.requests.length;
      const error = await failure(fetchFiles());
      expect(error).toBeInstanceOf(kind);
      expect(error).toBeInstanceOf(DownloadError);
      expect(error.message).toContain(message);
      expect(hub.requests.length).toBe(before + 1); // not worth a second try
    }
    for (const status of [429, 500, 502, 503, 504]) {
      hub.hubFaults.push(...Array.from({ length: 3 }, () => answer(status)));
      expect(await failure(fetchFiles({ retries: 2 }))).toBeInstanceOf(ConnectionError);
    }
    expect(await failure(fetchFiles({ endpoint: 'http://127.0.0.1:9', retries: 1 }))).toBeInstanceOf(ConnectionError);
  });

  it('waits as long as a server asks to', async () => {
    const { hub, fetchFiles } = await setup();
    hub.hubFaults.push(answer(429, { 'Retry-After': '1' }));
    const start = performance.now();
    await fetchFiles();
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it('obeys no name that leads out of the cache', async () => {
    for (const name of ['../evil', '/evil', 'a/../../evil', 'a\\..\\evil', 'C:evil', 'a\0', 'a//b', '']) {
      const { hub, fetchFiles, cache } = await setup();
      const siblings = [{ rfilename: name }];
      hub.hubFaults.push((_c, _r, response) => void response.end(JSON.stringify({ sha: testCommit, siblings })));
      expect(await failure(fetchFiles()), name).toBeInstanceOf(ProtocolError);
      expect(readdirSync(cache)).toEqual([]);
    }
    const { hub, fetchFiles } = await setup();
    hub.hubFaults.push((_c, _r, response) => void response.end(JSON.stringify({ sha: '../../evil', siblings: [] })));
    expect(await failure(fetchFiles())).toBeInstanceOf(ProtocolError);
    const list = JSON.stringify({ sha: testCommit, siblings: [{ rfilename: 'a' }] });
    for (const etag of ['"../evil"', '""', '"a/b"']) {
      hub.hubFaults.push((_c, _r, response) => void response.end(list), answer(200, { ETag: etag }));
      expect(await failure(fetchFiles()), etag).toBeInstanceOf(ProtocolError);
    }
    for (const repository of ['', '..', '../a', 'a/../b', 'a/b/c', 'a--b', '/a', 'a/', 'a b', './a', 'a/.']) {
      expect(await failure(download(repository, { endpoint: hub.endpoint })), repository).toBeInstanceOf(ConfigError);
    }
    for (const revision of ['../main', '', '/x', 'a\\b']) {
      expect(await failure(fetchFiles({ revision })), revision).toBeInstanceOf(ConfigError);
    }
    expect(await failure(fetchFiles({ endpoint: 'ftp://hub' }))).toBeInstanceOf(ConfigError);
  });

  it('works from the cache alone when it is offline', async () => {
    const { hub, fetchFiles } = await setup([], everything);
    expect(await failure(fetchFiles({ offline: true }))).toBeInstanceOf(OfflineError);
    const online = await fetchFiles({ files: ['config.json'], revision: 'refs/pr/1' });
    const before = hub.requests.length;
    const offline = { offline: true, revision: 'refs/pr/1' };
    expect(await fetchFiles(offline)).toEqual(online);
    expect(await fetchFiles({ ...offline, files: ['config.json'] })).toEqual(online);
    expect(await fetchFiles({ ...offline, revision: testCommit, files: ['*.json'] })).toEqual(online);
    expect(await failure(fetchFiles({ ...offline, files: ['model.safetensors'] }))).toBeInstanceOf(OfflineError);
    expect(await failure(fetchFiles({ offline: true, revision: 'main' }))).toBeInstanceOf(OfflineError);
    expect(await fetchFiles({ revision: testCommit, files: ['config.json'] })).toEqual(online); // a commit does not change
    expect(hub.requests.length).toBe(before);
  });

  it('ends when it is told to, and goes on from there later', async () => {
    const { hub, fetchFiles, weights } = await setup([fallSilent(50_000)]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    expect(await failure(fetchFiles({ signal: controller.signal, onProgress }))).toBe(reason);
    expect(await failure(fetchFiles({ signal: controller.signal }))).toBe(reason);
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    expect(hub.fetches.at(-1)?.range).toMatch(/^bytes=[1-9]/);
  });

  it.runIf(process.platform === 'linux')('says that a disk is full', async () => {
    const { cache, fetchFiles } = await setup();
    const blobs = join(cache, 'models--owner--model', 'blobs');
    mkdirSync(blobs, { recursive: true });
    symlinkSync('/dev/full', join(blobs, `${sha256(large)}.polymodal.incomplete`));
    const error = await failure(fetchFiles());
    expect(error).toBeInstanceOf(StorageError);
    expect(error.message).toContain('a full one (ENOSPC). Make room');
  });

  it('repairs a cache whose blob is gone', async () => {
    const { fetchFiles, weights, cache } = await setup();
    await fetchFiles();
    rmSync(join(cache, 'models--owner--model', 'blobs', sha256(large)));
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    writeFileSync(join(cache, 'models--owner--model', 'refs', 'main'), 'nonsense');
    await fetchFiles();
    expect(readFileSync(join(cache, 'models--owner--model', 'refs', 'main'), 'utf8')).toBe(testCommit);
  });
});
