import '@tensorflow/tfjs-backend-cpu'; // registers it, so that tensors can be made before a backend is chosen
import '#rest-of-tensorflow'; // registers gradients, without which nothing can be trained
import type { Candidate } from './candidate';
import { setBackend } from './set-backend';

const packageName = '@tensorflow/tfjs-backend-cpu';

/** Plain JavaScript: always there, very slow. */
export const cpuBackend: Candidate = {
  name: 'cpu',
  packages: [packageName],
  start: async () => (await setBackend('cpu', packageName)) ?? { description: 'plain JavaScript' },
};
