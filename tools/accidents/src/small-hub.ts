import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The files of every repository. */
export const fileNames = ['config.json', 'model.safetensors'];

/** What a file of a repository holds: 300 kB that no other file has. */
export function contentOf(repository: string, file: string): Buffer {
  return Buffer.alloc(300_000, `${repository}/${file} `);
}

/** A hub on this machine that has every repository `owner/…`. */
export async function startSmallHub(): Promise<{ endpoint: string; close(): void }> {
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    const [, repository] = /^\/api\/models\/owner\/(\w+)\/revision\//.exec(url) ?? [];
    if (repository !== undefined) {
      const siblings = fileNames.map((rfilename) => ({ rfilename }));
      response.end(JSON.stringify({ sha: createHash('sha1').update(repository).digest('hex'), siblings }));
      return;
    }
    const [, owner, file] = /^\/owner\/(\w+)\/resolve\/[0-9a-f]{40}\/(.+)$/.exec(url) ?? [];
    if (owner === undefined || !fileNames.includes(file)) {
      response.writeHead(404).end();
      return;
    }
    const content = contentOf(owner, file);
    const [, start = 0] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const range = { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(Number(start) > 0 ? 206 : 200, {
      ETag: `"${createHash('sha256').update(content).digest('hex')}"`,
      'Content-Length': content.length - Number(start),
      ...(Number(start) > 0 && range),
    });
    response.end(request.method === 'HEAD' ? undefined : content.subarray(Number(start)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
