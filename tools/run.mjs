// Runs a TypeScript file of the workspace from its sources: node tools/run.mjs <file.ts> [arguments].
// Ctrl-C reaches the program itself, so that it can stop cleanly.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [file, ...args] = process.argv.slice(2);
const child = spawn(
  process.execPath,
  ['--conditions=@polymodal/source', '--import', 'tsx', join(root, file), ...args],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
