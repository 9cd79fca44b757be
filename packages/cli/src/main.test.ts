import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { makeShop } from './testing/shop';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const fromSources = ['--conditions=@polymodal/source', '--import', tsx];

it('answers Ctrl-C while it is still being loaded', () => {
  const atOnce = `process.on('newListener', (event) => event === 'SIGINT' && setImmediate(() => process.kill(process.pid, event)))`;
  const preloaded = `data:text/javascript,${encodeURIComponent(atOnce)}`;
  const came = spawnSync(process.execPath, [...fromSources, '--import', preloaded, main, 'schema', '--json'], {
    encoding: 'utf8',
  });
  expect(came).toMatchObject({ status: 130, stderr: expect.stringContaining('interrupted') });
  expect(JSON.parse(came.stdout).error.code).toBe('INTERRUPTED');
});

it('runs as a program, with its output, its messages and its exit code', () => {
  const shop = makeShop(20);
  const polymodal = (...args: string[]) =>
    spawnSync(process.execPath, [...fromSources, main, ...args], {
      cwd: shop.directory,
      encoding: 'utf8',
    });
  try {
    const made = polymodal('init', 'products.csv', '--json');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(made.stdout).install).toContain('@polymodal/heads'); // nothing is installed in such a folder
    const again = polymodal('init', 'products.csv');
    expect(again).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('stays as it is') });
  } finally {
    shop.remove();
  }
});
