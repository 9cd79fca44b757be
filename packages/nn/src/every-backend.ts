import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe } from 'vitest';

/** Describes tests that run on each backend that the layers are tested on. */
export function describeOnEveryBackend(name: string, body: (backend: string) => void): void {
  describe.each(['cpu'])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      await tf.setBackend(backend);
    });
    body(backend);
  });
}
