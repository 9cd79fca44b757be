// Runs a TypeScript file of the workspace from its sources: node tools/run.mjs <file.ts> [arguments].
// Ctrl-C is left to the program, which gets it from the terminal too, so that it can stop cleanly.
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
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
