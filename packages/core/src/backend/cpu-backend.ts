import '@tensorflow/tfjs-backend-cpu'; // registers it, so that tensors can be made before a backend is chosen
import '#tensorflow-gradients'; // registers the gradients of all kernels, which the core of TensorFlow.js leaves out in Node
import type { Candidate } from './candidate';
import { setBackend } from './set-backend';

const packageName = '@tensorflow/tfjs-backend-cpu';

/** Plain JavaScript: always there, very slow. */
export const cpuBackend: Candidate = {
  name: 'cpu',
  packages: [packageName],
  start: async () => (await setBackend('cpu', packageName)) ?? { description: 'plain JavaScript' },
};
