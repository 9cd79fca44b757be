import * as tf from '@tensorflow/tfjs-core';
import type { Candidate } from './candidate';
import { importPackage, isRefused } from './import-package';
import { setBackend } from './set-backend';

const packageName = '@tensorflow/tfjs-backend-wasm';

/** WebAssembly, one thread in Node. The package finds its .wasm files beside itself. */
export const wasmBackend: Candidate = {
  name: 'wasm',
  packages: [packageName],
  async start() {
    const imported = await importPackage(packageName);
    if (isRefused(imported)) return imported;
    const refused = await setBackend('wasm', packageName);
    if (refused) return refused;
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    const threads = (imported.getThreadsCount as () => number)();
    return {
      description: `WebAssembly${simd ? ' with SIMD' : ''}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    };
  },
};
