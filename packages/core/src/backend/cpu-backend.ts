// Registers it, so that tensors can be made before a backend is chosen. Something of it has to be used: bundlers for Node leave
// out what is imported for its effects alone, since the package does not say that its build for Node has any.
import { version_cpu as version } from '@tensorflow/tfjs-backend-cpu';
import '#rest-of-tensorflow'; // registers gradients, without which nothing can be trained
import type { Candidate } from './candidate';
import { setBackend } from './set-backend';

const packageName = '@tensorflow/tfjs-backend-cpu';

/** Plain JavaScript: always there, very slow. */
export const cpuBackend: Candidate = {
  name: 'cpu',
  packages: [packageName],
  start: async () =>
    (await setBackend('cpu', packageName)) ?? { description: `TensorFlow.js ${version}, plain JavaScript` },
};
