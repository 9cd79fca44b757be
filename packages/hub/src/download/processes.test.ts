import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../testing/test-files';
import { type Fault, sha256, TestHub, testCommit, testRepository } from '../testing/test-hub';
import { download } from './download';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const program = fileURLToPath(new URL('../testing/fetching-process.ts', import.meta.url));
const content = Buffer.alloc(400_000, 'the weights of a model, ');
const name = 'model.safetensors';

/** Another Node that fetches the file, and all that it says. */
function fetchInProcess(hub: TestHub, cache: string): { readonly child: ChildProcess; said(): string } {
  const args = ['--conditions=@polymodal/source', '--import', 'tsx', program, hub.endpoint, cache, name];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
  return { child, said: () => said };
}

/** Sends the file in pieces, slowly enough that another process comes in between. */
const sendSlowly: Fault = (whole, _, response) => {
  response.writeHead(200, { 'Content-Length': whole.length });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(whole.subarray(sent, sent + 20_000));
    sent += 20_000;
    if (sent >= whole.length) {
      clearInterval(timer);
      response.end();
    }
  }, 30);
  response.on('close', () => clearInterval(timer));
};

describe('download by several processes', () => {
  it('gives each of two that want a file at once the right one, and fetches it once', async () => {
    const hub = await TestHub.start({ [name]: content });
    hub.faults.push(sendSlowly, sendSlowly);
    const cache = temporaryFolder();
    const fetching = [fetchInProcess(hub, cache), fetchInProcess(hub, cache)];
    for (const { child, said } of fetching)
      expect([await exitCode(child), said()]).toEqual([0, expect.stringContaining('done')]);
    const folder = join(cache, 'models--owner--model');
    expect(readFileSync(join(folder, 'snapshots', testCommit, name)).equals(content)).toBe(true);
    expect(readdirSync(join(folder, 'blobs'))).toEqual([sha256(content)]);
    expect(hub.fetches).toHaveLength(1);
  });

  it('goes on at once where a killed process ended', async () => {
    const hub = await TestHub.start({ [name]: content });
    hub.faults.push(sendSlowly);
    const cache = temporaryFolder();
    const killed = fetchInProcess(hub, cache);
    while (!killed.said().includes('received')) await once(killed.child.stdout!, 'data');
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const { directory } = await download(testRepository, {
      endpoint: hub.endpoint,
      cacheDirectory: cache,
      token: false,
    });
    expect(readFileSync(join(directory, name)).equals(content)).toBe(true);
    expect(hub.fetches.at(-1)?.range).toMatch(/^bytes=[1-9]/);
  });
});

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return child.exitCode;
}
