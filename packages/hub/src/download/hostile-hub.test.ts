import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { createGzip } from 'node:zlib';
import { ConfigError, StorageError } from '@polymodal/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AccessError, ConnectionError, ProtocolError } from '../errors/download-error';
import { openPretrained } from '../pretrained/open-pretrained';
import { downloadSetup, failureOf, large } from '../testing/download-setup';
import { answer, type Fault, sha256 } from '../testing/test-hub';
import { download } from './download';
import { fitsGlob } from './fits-glob';
import { hubSettings } from './hub-settings';

const secret = 'hf_SECRETSECRET';

/** All that a user may see of an error. */
function seenOf(error: unknown): string {
  const { message, stack, cause } = error as Error;
  return [message, stack, JSON.stringify(error), ...(cause ? [seenOf(cause)] : [])].join('\n');
}

/** Sends a byte now and then, for ever. */
const trickle: Fault = (content, _, response) => {
  response.writeHead(200, { 'Content-Length': content.length || 1_000_000 });
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
};

/** Sends 128 MiB of spaces, packed into few. */
const bomb: Fault = (_content, _request, response) => {
  response.writeHead(200, { 'Content-Encoding': 'gzip' });
  const gzip = createGzip();
  gzip
    .on('error', () => {})
    .pipe(response)
    .on('error', () => {});
  const block = Buffer.alloc(1 << 20, ' ');
  let left = 128;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left--;
      if (!gzip.write(block)) return void gzip.once('drain', more);
    }
    gzip.end();
  };
  more();
};

async function listen(seen: (request: IncomingMessage) => string): Promise<string> {
  const server = createServer((request, response) => response.writeHead(302, { Location: seen(request) }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('download from a hostile hub', () => {
  it.each([
    ['a file', (hub: { faults: Fault[] }, fault: Fault) => hub.faults.push(fault, fault, fault)],
    ['the list of files', (hub: { hubFaults: Fault[] }, fault: Fault) => hub.hubFaults.push(fault, fault, fault)],
  ])('gives up on %s that comes a byte at a time', async (_, give) => {
    const { hub, fetchFiles } = await downloadSetup();
    give(hub, trickle);
    const error = await failureOf(fetchFiles({ timeout: 60, retries: 2 }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(/received \d+ bytes in 60 ms/);
  });

  it('takes no list of files without end', async () => {
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push(bomb);
    const error = await failureOf(fetchFiles());
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('expected an answer of at most 33554432 bytes');
  });

  it('takes no file without end whose size nobody told', async () => {
    const { hub, fetchFiles } = await downloadSetup([bomb], { 'config.json': Buffer.from('{}') });
    const list: Fault = (_content, _request, response) =>
      void response.end(JSON.stringify({ sha: '0'.repeat(40), siblings: [{ rfilename: 'config.json' }] }));
    const head: Fault = (_content, _request, response) =>
      void response.writeHead(200, { ETag: '"opaque"', 'Transfer-Encoding': 'chunked' }).end();
    hub.hubFaults.push(list, head, bomb);
    const error = await failureOf(fetchFiles());
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('a file whose size is announced, or one of at most 67108864 bytes');
  });

  it('keeps files apart that a server gives one etag, if it is no checksum', async () => {
    const files = { 'a.safetensors': large, 'b.safetensors': Buffer.from(large).reverse() };
    const { hub, fetchFiles } = await downloadSetup([], files);
    hub.hasChecksums = false;
    const { directory } = await fetchFiles();
    for (const [name, content] of Object.entries(files)) {
      expect(readFileSync(join(directory, name)).equals(content), name).toBe(true);
    }
  });

  it('sends the token to the endpoint alone, also after a way that led elsewhere', async () => {
    const { hub, fetchFiles } = await downloadSetup();
    const elsewhere: (string | undefined)[] = [];
    const other = await listen((request) => {
      elsewhere.push(request.headers.authorization);
      return `${hub.endpoint}${request.url}`;
    });
    hub.hubFaults.push((_, request, response) => void response.writeHead(307, { Location: other + request.url }).end());
    await fetchFiles({ token: secret });
    expect(elsewhere).toEqual([undefined]);
    const [first, back, next] = hub.requests.map(({ authorization }) => authorization);
    expect([first, back, next]).toEqual([`Bearer ${secret}`, undefined, `Bearer ${secret}`]);
  });

  it.each([
    ['leads to an address with a password', answer(302, { Location: `http://user:${secret}@127.0.0.1:9/x?${secret}` })],
    [
      'leads to another protocol',
      answer(302, { Location: `ftp://127.0.0.1/${'a'.repeat(10_000)}?signature=${secret}` }),
    ],
    ['says the token back', answer(403, { 'X-Error-Code': 'GatedRepo', 'X-Error-Message': `no ${secret}` })],
    ['says it back in a code', answer(400, { 'X-Error-Code': secret })],
  ])('shows no secret of a server that %s', async (_, fault) => {
    const { hub, fetchFiles } = await downloadSetup();
    hub.hubFaults.push(fault);
    const error = await failureOf(fetchFiles({ token: secret }));
    expect(error instanceof ProtocolError || error instanceof AccessError).toBe(true);
    expect(seenOf(error)).not.toContain(secret);
    expect(error.message.length).toBeLessThan(700);
  });

  it('shows no token that the fetch of the caller throws back', async () => {
    const { fetchFiles } = await downloadSetup();
    for (const thrown of [new Error(`bad header ${secret}`), undefined, null, secret]) {
      const error = await failureOf(fetchFiles({ token: secret, retries: 0, fetch: () => Promise.reject(thrown) }));
      expect(error).toBeInstanceOf(ConnectionError);
      expect(seenOf(error)).not.toContain(secret);
    }
    const nothing = await failureOf(fetchFiles({ retries: 0, fetch: (async () => undefined) as never }));
    expect(nothing).toBeInstanceOf(ConnectionError);
  });

  it.skipIf(process.platform === 'win32')('waits for no pipe that lies in the cache', async () => {
    const pipe = (path: string) => {
      mkdirSync(dirname(path), { recursive: true });
      expect(spawnSync('mkfifo', [path]).status).toBe(0);
    };
    const { cache, fetchFiles, weights } = await downloadSetup();
    const folder = join(cache, 'models--owner--model');
    pipe(join(folder, 'refs', 'main'));
    await fetchFiles();
    expect(weights().equals(large)).toBe(true);
    const { cache: other, fetchFiles: again } = await downloadSetup();
    pipe(join(other, 'models--owner--model', 'blobs', `${sha256(large)}.polymodal.incomplete`));
    expect(await failureOf(again())).toBeInstanceOf(StorageError);
    const home = join(cache, 'home');
    pipe(join(home, 'token'));
    expect(hubSettings({}, { HF_HOME: home }).token).toBeUndefined();
  });
});

describe('download refuses', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown option', { revison: 'main' }, /download: .*"revison"\. Did you mean "revision"/],
    ['no number of retries', { retries: Number.NaN }, /download\.retries/],
    ['retries without end', { retries: Number.POSITIVE_INFINITY }, /download\.retries/],
    ['retries as text', { retries: '2' }, /download\.retries/],
    ['no time', { timeout: 0 }, /download\.timeout/],
    ['time without end', { timeout: Number.POSITIVE_INFINITY }, /download\.timeout/],
    ['one name in place of several', { files: 'config.json' }, /download\.files/],
    ['an empty folder', { cacheDirectory: '' }, /download\.cacheDirectory/],
    ['a folder with NUL', { cacheDirectory: 'a\0b' }, /download\.cacheDirectory: .*without NUL/],
    ['a token that is none', { token: 5 }, /download\.token/],
    ['a token with a line in it', { token: `${secret}\nX-Evil: 1` }, /^token .*more than the token/],
    ['a token in quotation marks', { token: `“${secret}”` }, /^token/],
    [
      'an endpoint with a password',
      { endpoint: `http://user:${secret}@127.0.0.1:9` },
      /without user name and password, received http:\/\/…@127\.0\.0\.1:9\. Give a token/,
    ],
    [
      'an endpoint that is none',
      { endpoint: `htp://user:${secret}@x` },
      /an http or https address, received "htp:\/\/…@x"/,
    ],
    ['a revision that is far too long', { revision: 'x'.repeat(1e6) }, /^revision/],
  ])('%s', async (_, options, message) => {
    const error = await failureOf(
      download('owner/model', { token: false, endpoint: 'http://127.0.0.1:9', ...options } as never),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(700);
    expect(seenOf(error)).not.toContain(secret);
  });

  it('what is no name of a repository', async () => {
    for (const name of [undefined, null, 5, {}, '', 'a\0b', 'x'.repeat(1e6)] as never[]) {
      for (const run of [() => download(name, { token: false }), () => openPretrained(name)]) {
        const error = await failureOf(run());
        expect(error).toBeInstanceOf(ConfigError);
        expect(error.message.length).toBeLessThan(300);
      }
    }
  });
});

it('matches patterns in time that does not explode', () => {
  expect(fitsGlob(`${'a'.repeat(5000)}b`, `${'*a'.repeat(25)}*c`)).toBe(false);
  for (const [name, pattern, fits] of [
    ['model.safetensors', '*.safetensors', true],
    ['a/b.json', 'a*', true],
    ['abc', 'abc', true],
    ['aXbXc', 'a*b*c', true],
    ['ab', 'ab*ab', false],
    ['abab', 'ab*ab', true],
    ['a.b', 'a?b', false],
    ['', '*', true],
  ] as const) {
    expect(fitsGlob(name, pattern), `${name} ${pattern}`).toBe(fits);
  }
});
