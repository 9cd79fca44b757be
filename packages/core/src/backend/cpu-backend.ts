import type { Candidate } from './candidate';
import { setBackend } from './set-backend';

/** Plain JavaScript: always there, very slow. */
export const cpuBackend: Candidate = {
  name: 'cpu',
  packages: ['@tensorflow/tfjs'],
  start: async () => (await setBackend('cpu', '@tensorflow/tfjs')) ?? { description: 'plain JavaScript' },
};
