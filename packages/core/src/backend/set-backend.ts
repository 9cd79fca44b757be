import * as tf from '@tensorflow/tfjs-core';
import type { Refused } from './candidate';

/** Makes a registered backend the current one, or says why it does not start. */
export async function setBackend(tfName: string, packageName: string): Promise<Refused | undefined> {
  try {
    if (await tf.setBackend(tfName)) return undefined;
    return { reason: `${packageName} did not start; TensorFlow.js has logged why` };
  } catch (cause) {
    return { reason: `${packageName} did not start: ${(cause as Error).message}`, cause };
  }
}
