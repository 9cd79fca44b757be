import {
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
import { ConfigError, StorageError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { NotFoundError, OfflineError, ProtocolError } from '../errors/download-error';
import { downloadSetup, everything, failureOf, large } from '../testing/download-setup';
import { answer, fallSilent, gitSha1, sha256, testCommit, testRepository } from '../testing/test-hub';
import { download } from './download';

describe('download', () => {
  it('keeps files as Python does: blobs by checksum, snapshots of relative links, refs', async () => {
    const { cache, fetchFiles, hub } = await downloadSetup([], everything);
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
    const { fetchFiles } = await downloadSetup([], everything);
    expect((await fetchFiles({ files: ['config.json', 'onnx/*'] })).files).toEqual(['config.json', 'onnx/a b.txt']);
    expect((await fetchFiles({ files: ['*.safe*'] })).files).toEqual(['model.safetensors']);
    expect((await fetchFiles({ files: ['*.none'] })).files).toEqual([]);
    expect((await fetchFiles({ files: (names) => names.slice(-1) })).files).toEqual(['empty']);
    const error = await failureOf(fetchFiles({ files: ['none.json'] }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.message).toContain('owner/model@main: expected one of its 4 files, received "none.json"');
  });

  it('sends the token to the hub and to no other host', async () => {
    const { hub, fetchFiles } = await downloadSetup([], everything);
    await fetchFiles({ token: 'hf_secret' });
    for (const { host, authorization } of hub.requests) {
      expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
    }
    expect(hub.requests.some(({ host }) => host === 'storage')).toBe(true);
  });

  it('follows a redirect of the hub itself, as for a renamed repository, and no endless or unsafe one', async () => {
    const { hub, fetchFiles, weights } = await downloadSetup();
    hub.hubFaults.push(answer(307, { Location: `/api/models/${testRepository}/revision/main?renamed` }));
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    hub.hubFaults.push(...Array.from({ length: 20 }, () => answer(302, { Location: '/again' })));
    expect(await failureOf(fetchFiles())).toBeInstanceOf(ProtocolError);
    hub.hubFaults.length = 0;
    hub.hubFaults.push(answer(302, { Location: 'file:///etc/passwd' }));
    expect(await failureOf(fetchFiles())).toBeInstanceOf(ProtocolError);
  });

  it('obeys no name that leads out of the cache', async () => {
    for (const name of ['../evil', '/evil', 'a/../../evil', 'a\\..\\evil', 'C:evil', 'a\0', 'a//b', '']) {
      const { hub, fetchFiles, cache } = await downloadSetup();
      const siblings = [{ rfilename: name }];
      hub.hubFaults.push((_c, _r, response) => void response.end(JSON.stringify({ sha: testCommit, siblings })));
      expect(await failureOf(fetchFiles()), name).toBeInstanceOf(ProtocolError);
      expect(readdirSync(cache)).toEqual([]);
    }
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push((_c, _r, response) => void response.end(JSON.stringify({ sha: '../../evil', siblings: [] })));
    expect(await failureOf(fetchFiles())).toBeInstanceOf(ProtocolError);
    const list = JSON.stringify({ sha: testCommit, siblings: [{ rfilename: 'a' }] });
    for (const etag of ['"../evil"', '""', '"a/b"']) {
      hub.hubFaults.push((_c, _r, response) => void response.end(list), answer(200, { ETag: etag }));
      expect(await failureOf(fetchFiles()), etag).toBeInstanceOf(ProtocolError);
    }
    for (const repository of ['', '..', '../a', 'a/../b', 'a/b/c', 'a--b', '/a', 'a/', 'a b', './a', 'a/.']) {
      expect(await failureOf(download(repository, { endpoint: hub.endpoint })), repository).toBeInstanceOf(ConfigError);
    }
    for (const revision of ['../main', '', '/x', 'a\\b']) {
      expect(await failureOf(fetchFiles({ revision })), revision).toBeInstanceOf(ConfigError);
    }
    expect(await failureOf(fetchFiles({ endpoint: 'ftp://hub' }))).toBeInstanceOf(ConfigError);
  });

  it('works from the cache alone when it is offline', async () => {
    const { hub, fetchFiles } = await downloadSetup([], everything);
    expect(await failureOf(fetchFiles({ offline: true }))).toBeInstanceOf(OfflineError);
    const online = await fetchFiles({ files: ['config.json'], revision: 'refs/pr/1' });
    const before = hub.requests.length;
    const offline = { offline: true, revision: 'refs/pr/1' };
    expect(await fetchFiles(offline)).toEqual(online);
    expect(await fetchFiles({ ...offline, files: ['config.json'] })).toEqual(online);
    expect(await fetchFiles({ ...offline, revision: testCommit, files: ['*.json'] })).toEqual(online);
    expect(await failureOf(fetchFiles({ ...offline, files: ['model.safetensors'] }))).toBeInstanceOf(OfflineError);
    expect(await failureOf(fetchFiles({ offline: true, revision: 'main' }))).toBeInstanceOf(OfflineError);
    expect(await fetchFiles({ revision: testCommit, files: ['config.json'] })).toEqual(online); // a commit does not change
    expect(hub.requests.length).toBe(before);
  });

  it('ends when it is told to, and goes on from there later', async () => {
    const { hub, fetchFiles, weights } = await downloadSetup([fallSilent(50_000)]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    expect(await failureOf(fetchFiles({ signal: controller.signal, onProgress }))).toBe(reason);
    expect(await failureOf(fetchFiles({ signal: controller.signal }))).toBe(reason);
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    expect(hub.fetches.at(-1)?.range).toMatch(/^bytes=[1-9]/);
  });

  it.runIf(process.platform === 'linux')('says that a disk is full', async () => {
    const { cache, fetchFiles } = await downloadSetup();
    const blobs = join(cache, 'models--owner--model', 'blobs');
    mkdirSync(blobs, { recursive: true });
    symlinkSync('/dev/full', join(blobs, `${sha256(large)}.polymodal.incomplete`));
    const error = await failureOf(fetchFiles());
    expect(error).toBeInstanceOf(StorageError);
    expect(error.message).toContain('a full one (ENOSPC). Make room');
  });

  it('repairs a cache whose blob is gone', async () => {
    const { fetchFiles, weights, cache } = await downloadSetup();
    await fetchFiles();
    rmSync(join(cache, 'models--owner--model', 'blobs', sha256(large)));
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    writeFileSync(join(cache, 'models--owner--model', 'refs', 'main'), 'nonsense');
    await fetchFiles();
    expect(readFileSync(join(cache, 'models--owner--model', 'refs', 'main'), 'utf8')).toBe(testCommit);
  });
});
