#!/usr/bin/env node
import { discoverPlugins } from '@polymodal/core/node';
import { interruptSignal } from '@polymodal/trainer';
import { exitCode } from './command/exit-code';
import { runCommand } from './command/run-command';

// A reader that has seen enough, as "head" has, closes the pipe: then there is nobody to write to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCode.done);
});

process.exitCode = await runCommand(process.argv.slice(2), {
  directory: process.cwd(),
  output: process.stdout,
  messages: process.stderr,
  environment: process.env,
  plugins: discoverPlugins,
  interruption: interruptSignal,
});
