import { existsSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import * as core from '@tensorflow/tfjs-core';
import type { TestEnv } from '@tensorflow/tfjs-core/dist/jasmine_util';
import type { ExternalBackend } from './protocol';

interface ExternalPackage {
  readonly name: string;
  /** Where it is installed, from the root of the repository. */
  readonly folder: string;
  /** What installs it there. */
  readonly command: string;
  /** The environment of TensorFlow.js's own runs of the suite on this backend. */
  readonly environment: Omit<TestEnv, 'name'>;
}

const externalPackages: Readonly<Record<ExternalBackend, ExternalPackage>> = {
  node: {
    name: '@tensorflow/tfjs-node',
    folder: '.cache/tfjs-node',
    command: 'node tools/tfjs-node/build.mjs',
    environment: { backendName: 'tensorflow', isDataSync: true },
  },
  webgpu: {
    name: '@tensorflow/tfjs-backend-webgpu',
    folder: '.cache/backends',
    command: 'npm run check:backends',
    // Synchronous reads go through a canvas, which a browser has and Node has not.
    environment: { backendName: 'webgpu', isDataSync: false, flags: { WEBGPU_CPU_FORWARD: false } },
  },
};

/** Throws where the packages of a backend are not installed, and says what installs them. */
export function assertInstalled(backend: ExternalBackend): void {
  const { name, folder, command } = externalPackages[backend];
  if (existsSync(join(root, folder, 'node_modules', name))) return;
  throw new Error(`--backend ${backend} needs ${name} in ${folder}. Put it there with: ${command}`);
}

/** Loads a backend's package and gives the suite's environment for it. */
export function loadExternalBackend(backend: ExternalBackend): ExternalPackage['environment'] {
  const { name, folder, environment } = externalPackages[backend];
  const require = createRequire(join(root, folder, 'package.json'));
  shareTensorFlowJs(require);
  if (backend === 'webgpu') provideWebGpu(require);
  require(name);
  return environment;
}

/** From `tools/tfjs-suite/src`, and from the bundle in `tools/tfjs-suite/dist`. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The package finds the TensorFlow.js of this bundle in place of its own: specs fail in other ways between two copies. */
function shareTensorFlowJs(require: NodeJS.Require): void {
  for (const [name, exports] of Object.entries({ '@tensorflow/tfjs': tf, '@tensorflow/tfjs-core': core })) {
    const path = require.resolve(name);
    const module = new Module(path);
    module.exports = { ...exports, KernelBackend: CallableKernelBackend };
    module.loaded = true;
    require.cache[path] = module;
  }
}

/** The packages are ES5, which extends a class by calling it; the bundle's is a class that can only be constructed. */
function CallableKernelBackend(): void {}
CallableKernelBackend.prototype = core.KernelBackend.prototype;

/** The package registers its backend only where `navigator.gpu` is there before it. */
function provideWebGpu(require: NodeJS.Require): void {
  const { create, globals } = require('webgpu') as { create(options: string[]): object; globals: object };
  Object.assign(globalThis, globals);
  const navigator = (globalThis as { navigator?: object }).navigator ?? { userAgent: 'Node.js' };
  Object.defineProperty(navigator, 'gpu', { value: create([]), configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}
