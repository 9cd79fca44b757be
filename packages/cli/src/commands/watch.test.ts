import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { runCommand } from '../command/run-command';
import { commandLine } from '../testing/command-line';
import { makeShop, tinyConfig } from '../testing/shop';

const shop = makeShop();
afterAll(() => shop.remove());

it('watch shows runs until it is interrupted, and refuses what is no folder and no port', async () => {
  const { directory } = shop;
  writeFileSync(
    join(directory, 'polymodal.yaml'),
    tinyConfig.replace('epochs: 1', 'tensorboard: true, epochs: 1, ema: { decay: 0.9 }'),
  );
  const run = commandLine(directory);
  expect(await run('train')).toMatchObject({ code: 0 });

  const stop = new AbortController();
  const messages = new PassThrough();
  const surroundings = {
    directory,
    messages,
    output: new PassThrough(),
    environment: {},
    plugins: async () => [],
    interruption: async () => stop.signal,
  };
  const watching = runCommand(['watch', 'runs', '--port', '0'], surroundings);
  const [, url] = /shown at (http:\/\/127\.0\.0\.1:\d+\/)/.exec(
    String((await messages.iterator({ destroyOnReturn: false }).next()).value),
  )!;
  expect(await (await fetch(url)).text()).toMatch(/tiny<span class="state finished">.*Loss of each step/s);
  stop.abort();
  expect(await watching).toBe(0);

  expect(await run('watch', 'runs/none')).toMatchObject({ code: 1, messages: expect.stringContaining('runs/none') });
  expect(await run('watch', 'runs', '--port', '70000')).toMatchObject({ code: 2 });
  const { port } = new URL(url);
  const taken = new AbortController();
  const first = runCommand(['watch', 'runs', '--port', port], {
    ...surroundings,
    messages: new PassThrough(),
    interruption: async () => taken.signal,
  });
  await expect
    .poll(() =>
      fetch(url).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  expect(await run('watch', 'runs', '--port', port)).toMatchObject({
    code: 1,
    messages: expect.stringContaining('--port'),
  });
  taken.abort();
  expect(await first).toBe(0);
});
