import * as tf from '@tensorflow/tfjs-core';
import type { Candidate, Refused } from './candidate';
import { importPackage, isRefused } from './import-package';
import { restoreLegacyUtilFunctions } from './legacy-util-functions';
import { setBackend } from './set-backend';

const gpuPackage = '@tensorflow/tfjs-node-gpu';
const cpuPackage = '@tensorflow/tfjs-node';

/** The name under which both packages, which share their code, register their backend. */
const tfName = 'tensorflow';

/** libtensorflow with CUDA, where it sees a GPU. */
export const nodeGpuBackend: Candidate = {
  name: 'node-gpu',
  packages: [gpuPackage],
  async start() {
    const refused = await load(gpuPackage);
    if (refused) return refused;
    const backend = tf.backend() as NodeBackend;
    if (!backend.isGPUPackage) {
      return {
        reason: `${cpuPackage} was loaded first, which registers the same backend as ${gpuPackage}`,
        remedy: `Do not import ${cpuPackage} before.`,
      };
    }
    if (!backend.isUsingGpuDevice) {
      return {
        reason: `no GPU is visible to ${gpuPackage}`,
        remedy: 'It needs an NVIDIA GPU with its driver, and the CUDA and cuDNN that its TensorFlow was built for.',
      };
    }
    return { description: describe(backend) };
  },
};

/** libtensorflow on the CPU. */
export const nodeBackend: Candidate = {
  name: 'node',
  packages: [cpuPackage],
  async start() {
    // The GPU package without a GPU does the same work; two libtensorflows do not go into one process.
    const loaded = tf.findBackendFactory(tfName) !== null;
    const refused = loaded ? await setBackend(tfName, cpuPackage) : await load(cpuPackage);
    return refused ?? { description: describe(tf.backend() as NodeBackend) };
  },
};

/** What a backend of tfjs-node says about itself. */
interface NodeBackend {
  readonly isGPUPackage?: boolean;
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

async function load(packageName: string): Promise<Refused | undefined> {
  restoreLegacyUtilFunctions();
  const imported = await importPackage(packageName);
  return isRefused(imported) ? imported : setBackend(tfName, packageName);
}

function describe({ isGPUPackage, isUsingGpuDevice, binding }: NodeBackend): string {
  const device = isUsingGpuDevice ? 'gpu' : 'cpu';
  const version = binding?.TF_Version ?? 'of unknown version';
  return `TensorFlow ${version}, ${device}${isGPUPackage && !isUsingGpuDevice ? `, through ${gpuPackage}` : ''}`;
}
