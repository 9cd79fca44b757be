import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

export const testCommit = '0123456789abcdef0123456789abcdef01234567';
export const testRepository = 'owner/model';

/** Answers one request in another way than a healthy server would. */
export type Fault = (content: Buffer, request: IncomingMessage, response: ServerResponse) => void;

/** A request that came. */
export interface Logged {
  readonly host: 'hub' | 'storage';
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/**
 * A hub of one repository on this machine. As on the real one, files whose name ends in `.safetensors` lie on a second host,
 * where the first sends whoever asks.
 */
export class TestHub {
  readonly requests: Logged[] = [];
  /** The next answers with a file's content, in this order; after them the server is healthy. */
  readonly faults: Fault[] = [];
  /** The next answers of the hub to anything else. */
  readonly hubFaults: Fault[] = [];
  /** Whether etags are mere names, as on servers that are no Hugging Face: nothing can be held against them. */
  hasChecksums = true;
  endpoint = '';
  #storage = '';

  private constructor(readonly files: Readonly<Record<string, Buffer>>) {}

  static async start(files: Readonly<Record<string, Buffer>>): Promise<TestHub> {
    const hub = new TestHub(files);
    hub.#storage = await listen((request, response) => hub.#answerStorage(request, response));
    hub.endpoint = await listen((request, response) => hub.#answerHub(request, response));
    return hub;
  }

  /** Requests for contents of files. */
  get fetches(): Logged[] {
    return this.requests.filter(({ host, method, path }) => {
      return method === 'GET' && (host === 'storage' || (path.includes('/resolve/') && !path.endsWith('.safetensors')));
    });
  }

  #answerHub(request: IncomingMessage, response: ServerResponse): void {
    this.#log('hub', request);
    const url = request.url ?? '';
    const file = new RegExp(`^/${testRepository}/resolve/${testCommit}/(.*)$`).exec(decodeURI(url))?.[1];
    const content = file === undefined ? undefined : this.files[file];
    const isContent = content !== undefined && request.method === 'GET' && !file!.endsWith('.safetensors');
    const fault = isContent ? this.faults.shift() : this.hubFaults.shift();
    if (fault) fault(content ?? Buffer.alloc(0), request, response);
    else if (url.startsWith(`/api/models/${testRepository}/revision/`)) {
      const siblings = Object.keys(this.files).map((rfilename) => ({ rfilename }));
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ id: testRepository, sha: testCommit, siblings }));
    } else if (content === undefined) {
      response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
    } else if (file!.endsWith('.safetensors')) {
      response.writeHead(302, {
        Location: `${this.#storage}/${file}?signature=secret`,
        'X-Linked-ETag': `"${this.hasChecksums ? sha256(content) : 'opaque'}"`,
        'X-Linked-Size': content.length,
        'X-Repo-Commit': testCommit,
      });
      response.end('Found');
    } else {
      response.setHeader('ETag', `"${gitSha1(content)}"`);
      response.setHeader('X-Repo-Commit', testCommit);
      sendFile(content, request, response);
    }
  }

  #answerStorage(request: IncomingMessage, response: ServerResponse): void {
    this.#log('storage', request);
    const content = this.files[(request.url ?? '').slice(1).split('?')[0]];
    const fault = this.faults.shift();
    if (fault) fault(content, request, response);
    else sendFile(content, request, response);
  }

  #log(host: Logged['host'], { method = '', url: path = '', headers }: IncomingMessage): void {
    this.requests.push({ host, method, path, range: headers.range, authorization: headers.authorization });
  }
}

/** What a healthy server does with a request for a file, ranges included. */
export const sendFile: Fault = (content, request, response) => {
  const start = rangeStart(request);
  if (start >= content.length && start > 0) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
    return;
  }
  if (start > 0) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${start}-${content.length - 1}/${content.length}`);
  }
  response.setHeader('Content-Length', content.length - start);
  response.end(request.method === 'HEAD' ? undefined : content.subarray(start));
};

/** Sends this many bytes of what was asked for, and hangs up. */
export const drop =
  (bytes: number): Fault =>
  (content, request, response) => {
    const start = rangeStart(request);
    const range = { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': content.length - start, ...(start > 0 && range) });
    response.write(content.subarray(start, start + bytes), () => setImmediate(() => response.destroy()));
  };

/** Sends this many bytes, and then nothing. */
export const fallSilent =
  (bytes: number): Fault =>
  (content, _, response) => {
    response.writeHead(200, { 'Content-Length': content.length });
    response.write(content.subarray(0, bytes));
  };

/** Sends what was asked for, but for the last ten bytes, and ends as if that were all. */
export const endEarly: Fault = (content, request, response) => {
  const start = rangeStart(request);
  const range = { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, start > 0 ? range : {});
  response.end(content.subarray(start, -10));
};

/** Sends the file with one bit wrong. */
export const spoil: Fault = (content, request, response) => {
  const spoilt = Buffer.from(content);
  spoilt[spoilt.length - 1] ^= 1;
  sendFile(spoilt, request, response);
};

/** Sends a part that was not asked for, and calls it by its name or by what was asked for. */
export const sendAnotherRange =
  (contentRange: (length: number) => string | undefined): Fault =>
  (content, _, response) => {
    const range = contentRange(content.length);
    response.writeHead(206, { ...(range !== undefined && { 'Content-Range': range }) });
    response.end(content.subarray(0, 10));
  };

export const sendWhole: Fault = (content, _, response) => {
  response.writeHead(200, { 'Content-Length': content.length }).end(content);
};

export const sendMore: Fault = (content, _, response) => {
  response.writeHead(200);
  response.end(Buffer.concat([content, content]));
};

export const sendCompressed: Fault = (content, _, response) => {
  const compressed = gzipSync(content);
  response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': compressed.length }).end(compressed);
};

export const sendCompressedPart: Fault = (content, request, response) => {
  const start = rangeStart(request);
  const range = `bytes ${start}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { 'Content-Encoding': 'gzip', 'Content-Range': range });
  response.end(gzipSync(Buffer.alloc(content.length - start)));
};

export const answer =
  (status: number, headers: Record<string, string> = {}): Fault =>
  (_content, _request, response) => {
    response.writeHead(status, headers).end('nothing of use');
  };

function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** As `git hash-object` computes it. */
export function gitSha1(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
