import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolders } from './scratch-folders';

const tensorflowJs = '4.22.0';

const packages = {
  '@tensorflow/tfjs-backend-cpu': tensorflowJs,
  '@tensorflow/tfjs-core': tensorflowJs,
  '@tensorflow/tfjs-backend-wasm': tensorflowJs,
  '@tensorflow/tfjs-backend-webgpu': tensorflowJs,
  webgpu: '0.6.2',
};

/** Installs TensorFlow.js with its WebAssembly and WebGPU backends in a project of their own; once. */
export function installPackages(): void {
  install(scratchFolders.plain, packages);
}

/** Installs exactly these packages in a folder, unless they are there; none of their install scripts is needed. */
export function install(folder: string, dependencies: Readonly<Record<string, string>>): void {
  const manifest = `${JSON.stringify({ private: true, type: 'module', dependencies }, null, 2)}\n`;
  const file = join(folder, 'package.json');
  const present = Object.keys(dependencies).every((name) => existsSync(join(folder, 'node_modules', name)));
  if (present && readFileSync(file, 'utf8') === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, manifest);
  console.log(`Installing ${Object.keys(dependencies).join(', ')} …`);
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const npm = spawnSync('npm', ['install', ...flags], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) throw new Error(`npm install failed in ${folder}:\n${npm.stdout}${npm.stderr}`);
}
