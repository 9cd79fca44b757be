#!/usr/bin/env node
import { earlyInterruption } from './command/early-interruption';

earlyInterruption.answer();
const { runProcess } = await import('./command/run-process');
await runProcess({
  directory: process.cwd(),
  plugins: async (directory) => (await import('@polymodal/core/node')).discoverPlugins(directory),
});
