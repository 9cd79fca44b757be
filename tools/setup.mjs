// Makes a fresh clone ready with nothing but Node and npm: installs the workspace with the pnpm version that
// package.json names. Does nothing when the installation already matches the manifests, the lockfile, and what is bundled for core.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.polymodal-setup');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Polymodal needs Node 20.19 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

// What core's sources import as #rest-of-tensorflow, which its build includes.
const core = join(root, 'packages', 'core');
const restOfTensorflow = join(core, '.generated', 'rest-of-tensorflow.js');
const restOfTensorflowSource = join(core, 'src', 'backend', 'rest-of-tensorflow.mjs');

const fingerprint = installationFingerprint();
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint && existsSync(restOfTensorflow)) process.exit(0);

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
console.log(`Installing dependencies with ${packageManager} (once; no compiler and no global install needed) …`);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const install = spawnSync(
  npm,
  ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', 'install', '--frozen-lockfile', '--prefer-offline'],
  { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' },
);
if (install.status !== 0) {
  console.error('The installation failed. The lines above say why; run the same command again once that is mended.');
  process.exit(install.status ?? 1);
}
await bundleRestOfTensorflow();
writeFileSync(stamp, fingerprint);

async function bundleRestOfTensorflow() {
  const { build } = createRequire(createRequire(join(core, 'package.json')).resolve('tsup'))('esbuild');
  const options = { outfile: restOfTensorflow, bundle: true, format: 'esm', logLevel: 'error' };
  await build({ entryPoints: [restOfTensorflowSource], ...options });
}

function installationFingerprint() {
  const hash = createHash('sha256').update(process.version).update(process.platform);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash.update(file).update(readFileSync(join(root, file)));
  }
  hash.update(readFileSync(restOfTensorflowSource));
  return hash.digest('hex');
}

function manifests() {
  return ['packages', 'apps', 'apps/examples']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}/package.json`))
    .filter((file) => existsSync(join(root, file)))
    .sort();
}
