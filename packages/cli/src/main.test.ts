import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { makeShop } from './testing/shop';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const fromSources = ['--conditions=@polymodal/source', '--import', tsx];

const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

it('answers Ctrl-C while it is still being loaded', () => {
  const atOnce = `process.on('newListener', (event) => event === 'SIGINT' && setImmediate(() => process.kill(process.pid, event)))`;
  const came = spawnSync(process.execPath, [...fromSources, '--import', dataUrl(atOnce), main, 'schema', '--json'], {
    encoding: 'utf8',
  });
  expect(came).toMatchObject({ status: 130, stderr: expect.stringContaining('interrupted') });
  expect(JSON.parse(came.stdout).error.code).toBe('INTERRUPTED');
});

it.each([
  ['help', ['--help'], 0],
  ['a mistyped line', ['trian', '--json'], 2],
  ['completion', ['completion', 'bash'], 0],
])('answers %s without loading anything that models are made of', (_, args, status) => {
  const hook = `export const resolve = (name, context, next) => {
    if (/^(@polymodal|@tensorflow|zod|yaml|hyparquet)/.test(name)) throw new Error(name + ' is loaded');
    return next(name, context);
  };`;
  const registered = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))});`;
  const came = spawnSync(process.execPath, [...fromSources, '--import', dataUrl(registered), main, ...args], {
    encoding: 'utf8',
  });
  expect(came.stderr).not.toContain('is loaded');
  expect(came.status).toBe(status);
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
