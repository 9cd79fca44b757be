#!/usr/bin/env node
import { earlyInterruption } from './command/early-interruption';

earlyInterruption.answer();
const [{ discoverPlugins }, { runProcess }] = await Promise.all([
  import('@polymodal/core/node'),
  import('./command/run-process'),
]);
await runProcess({ directory: process.cwd(), plugins: discoverPlugins });
