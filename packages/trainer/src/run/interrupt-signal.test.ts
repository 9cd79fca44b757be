import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('interruptSignal aborts at the first Ctrl-C, passed on twice as npm does, and ends the process at the second', async () => {
  const script = fileURLToPath(new URL('../testing/waiting-program.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const line = async () => String((await once(child.stdout, 'data'))[0]).trim();
  expect(await line()).toBe('ready');
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  expect(await line()).toBe('aborted');
  child.kill('SIGINT'); // of the same key press
  await setTimeout(700);
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect((await exit)[0]).toBe(130);
});
