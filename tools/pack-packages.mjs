// Builds and packs packages of the workspace as they would be published: with the versions of one another in their manifests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Tarballs by the last name of each folder, in a folder of its own below `scratch`. */
export function packPackages(folders, scratch) {
  run('npx', [
    'turbo',
    'run',
    'build',
    ...folders.map((folder) => `--filter=./${folder}`),
    '--output-logs=errors-only',
  ]);
  return Object.fromEntries(folders.map((folder) => [folder.split('/').at(-1), pack(join(root, folder), scratch)]));
}

/** Runs a command to its end. @returns what it printed @throws Error with what it printed, if it fails */
export function run(command, args, cwd = root) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

function pack(directory, scratch) {
  const folder = mkdtempSync(join(scratch, 'tarball-'));
  const pnpm = ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm'];
  run('npm', [...pnpm, 'pack', '--pack-destination', folder], directory);
  return join(folder, readdirSync(folder)[0]);
}
