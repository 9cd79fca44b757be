import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import '#rest-of-tensorflow'; // registers gradients, without which nothing can be trained
import * as tf from '@tensorflow/tfjs-core';
import type { Candidate } from './candidate';
import { setBackend } from './set-backend';
import { mendSplitGradient } from './split-gradient';

const packageName = '@tensorflow/tfjs-backend-cpu';

// It is there from the beginning, so that tensors can be made before a backend is chosen. The package registers itself when it is
// imported; but its list of files that have effects lacks its build for Node, so bundlers leave it out unless something of it is used.
if (!tf.findBackendFactory('cpu')) tf.registerBackend('cpu', () => new MathBackendCPU(), 1);

mendSplitGradient();

/** Plain JavaScript: always there, very slow. */
export const cpuBackend: Candidate = {
  name: 'cpu',
  packages: [packageName],
  start: async () => (await setBackend('cpu', packageName)) ?? { description: 'plain JavaScript' },
};
