#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askWhatIsOpen, type Choices } from './ask-what-is-open';
import { createCommand, defaults, type Said } from './command';
import { CreateError } from './create-error';
import { createPlugin } from './create-plugin';
import type { Manifest } from './fill-manifest';

const manifest: Manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const source = { folder: fileURLToPath(new URL('../templates', import.meta.url)), manifest };

/** What a shell expects of a program that was interrupted. */
const interrupted = 130;

async function run(said: Said): Promise<void> {
  const choices = await choose(said);
  if (!choices) {
    process.exitCode = interrupted;
    return;
  }
  const directory = await createPlugin({ ...said, ...choices }, source, interruption());
  const way = relative('', directory);
  const steps = [...(way === '' ? [] : [`cd ${way}`]), 'npm install', 'npm test'];
  console.log(`${choices.name} is in ${directory}. Next:\n${steps.map((step) => `\n  ${step}`).join('')}\n`);
}

/** Ctrl-C, and what else ends a program: whoever gets it leaves nothing half done. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

async function choose(said: Said): Promise<Choices | undefined> {
  if (process.stdin.isTTY && process.stdout.isTTY) return askWhatIsOpen(said);
  if (said.name !== undefined) return { ...defaults, ...said, name: said.name };
  throw new CreateError({
    expected: 'a name for the package',
    received: 'none, and no terminal to ask on',
    hint: 'For example: npm create polymodal-plugin polymodal-heart-rate',
  });
}

try {
  await createCommand(manifest.version, run).parseAsync();
} catch (error) {
  if (error instanceof Error && error.name === 'AbortError') {
    process.exitCode = interrupted;
  } else if (error instanceof CreateError) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
