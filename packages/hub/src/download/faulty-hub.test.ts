import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  AccessError,
  ChecksumError,
  ConnectionError,
  DownloadError,
  NotFoundError,
  ProtocolError,
} from '../errors/download-error';
import { config, downloadSetup, failureOf, large } from '../testing/download-setup';
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
  testCommit,
} from '../testing/test-hub';
import type { DownloadProgress, DownloadWait } from './download-options';

describe('download from a faulty hub', () => {
  it('goes on where a dropped connection ended, however often', async () => {
    const drops = Array.from({ length: 12 }, () => drop(20_000));
    const { hub, fetchFiles, weights } = await downloadSetup(drops);
    await fetchFiles({ retries: 1 });
    expect(weights().equals(large)).toBe(true);
    const starts = hub.fetches.map(({ range }) => Number(range?.match(/\d+/)?.[0] ?? 0));
    expect(starts).toHaveLength(13);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(100_000);
  });

  it('gives up when a connection brings nothing any more, and goes on from there the next time', async () => {
    const { hub, fetchFiles, weights, blobs } = await downloadSetup([
      drop(100_000),
      ...Array.from({ length: 3 }, () => drop(0)),
    ]);
    const error = await failureOf(fetchFiles({ retries: 2 }));
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
      const { hub, fetchFiles, weights, blobs } = await downloadSetup([drop(100_000), fault]);
      hub.hasChecksums = hasChecksums;
      await fetchFiles();
      expect(weights().equals(large)).toBe(true);
      expect(blobs()).toEqual([hasChecksums ? sha256(large) : expect.stringMatching(/^opaque-[0-9a-f]{16}$/)]);
    }
  });

  it('takes all of it from a server without ranges, and does not ask again', async () => {
    const { hub, fetchFiles } = await downloadSetup([drop(100_000), sendWhole]);
    await fetchFiles();
    expect(hub.fetches).toHaveLength(2);
  });

  it.each<[string, Fault]>([
    ['other bytes under the right range', sendAnotherRange((length) => `bytes 100000-${length - 1}/${length}`)],
    ['one wrong bit', spoil],
  ])('notices by the checksum that a server sent %s', async (_, fault) => {
    const { fetchFiles, weights } = await downloadSetup([drop(100_000), fault]);
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
  });

  it('never keeps a file with a wrong checksum, large or small', async () => {
    const spoilt = Array.from({ length: 3 }, () => spoil);
    const { fetchFiles, blobs, cache } = await downloadSetup([...spoilt, ...spoilt], {
      'config.json': config,
      'model.safetensors': large,
    });
    for (const name of ['config.json', 'model.safetensors']) {
      const error = await failureOf(fetchFiles({ files: [name], retries: 2 }));
      expect(error).toBeInstanceOf(ChecksumError);
    }
    expect(blobs().every((name) => name.endsWith('.incomplete'))).toBe(true);
    expect(existsSync(join(cache, 'models--owner--model', 'refs'))).toBe(false);
    await fetchFiles();
    expect(blobs().sort()).toEqual([gitSha1(config), sha256(large)].sort());
  });

  it('gets compressed files too, whose length nobody told', async () => {
    const { hub, fetchFiles } = await downloadSetup([sendCompressed], { 'config.json': config });
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
    const { fetchFiles, weights } = await downloadSetup([fallSilent(1000), fallSilent(0), () => {}]);
    await fetchFiles({ timeout: 60 });
    expect(weights().equals(large)).toBe(true);
    const { fetchFiles: again } = await downloadSetup(Array.from({ length: 5 }, () => () => {}));
    const error = await failureOf(again({ timeout: 30, retries: 1 }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('received no byte for 30 ms');
  });

  it('says why the hub does not answer as it should', async () => {
    const { hub, fetchFiles } = await downloadSetup();
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
      const error = await failureOf(fetchFiles());
      expect(error).toBeInstanceOf(kind);
      expect(error).toBeInstanceOf(DownloadError);
      expect(error.message).toContain(message);
      expect(hub.requests.length).toBe(before + 1); // not worth a second try
    }
    for (const status of [429, 500, 502, 503, 504]) {
      hub.hubFaults.push(...Array.from({ length: 3 }, () => answer(status)));
      expect(await failureOf(fetchFiles({ retries: 2 }))).toBeInstanceOf(ConnectionError);
    }
    expect(await failureOf(fetchFiles({ endpoint: 'http://127.0.0.1:9', retries: 1 }))).toBeInstanceOf(ConnectionError);
  });

  it('waits as long as a server asks to, and says so', async () => {
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push(answer(429, { 'Retry-After': '1' }));
    const waits: DownloadWait[] = [];
    const start = performance.now();
    await fetchFiles({ onWait: (wait) => waits.push(wait) });
    expect(performance.now() - start).toBeGreaterThan(990);
    expect(waits).toEqual([{ milliseconds: 1000, error: expect.any(ConnectionError) }]);
  });

  it('takes a date for a time to wait', async () => {
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push(answer(503, { 'Retry-After': new Date(Date.now() + 3_600_000).toUTCString() }));
    const error = await failureOf(fetchFiles());
    expect(error.message).toMatch(/asks to wait 3[56]\d\d s/);
  });

  it('does not wait longer than it may, and asks no earlier than it should', async () => {
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push(answer(429, { 'Retry-After': '301' }));
    const error = await failureOf(fetchFiles());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('asks to wait 301 s, which is more than the option longestWait allows (300000 ms)');
    expect(hub.requests).toHaveLength(1);
  });

  it('ends a wait when the signal says so', async () => {
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push(answer(429, { 'Retry-After': '120' }));
    const controller = new AbortController();
    const reason = new Error('enough');
    const onWait = () => controller.abort(reason);
    expect(await failureOf(fetchFiles({ signal: controller.signal, onWait }))).toBe(reason);
    expect(hub.requests).toHaveLength(1);
  });
});
