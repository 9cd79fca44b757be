import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';

/** Resident memory of the process during a loop, in bytes. */
export interface MemoryReport {
  /** After a tenth of the turns. */
  readonly warmBytes: number;
  readonly endBytes: number;
  readonly growthBytes: number;
  readonly largestBytes: number;
  /** Tensors at the end beyond those after a tenth. */
  readonly tensorGrowth: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs a loop and measures after every twentieth of it. */
export async function watchMemory(turns: number, turn: (index: number) => void): Promise<MemoryReport> {
  const part = Math.ceil(turns / 20);
  const measured: number[] = [];
  let tensors = 0;
  for (let index = 0; index < turns; index++) {
    turn(index);
    if ((index + 1) % part === 0 || index === turns - 1) {
      await new Promise((resolve) => setImmediate(resolve)); // finalizers run between two tasks
      collectGarbage();
      measured.push(process.memoryUsage.rss());
      if (measured.length === 2) tensors = tf.memory().numTensors;
    }
  }
  const [warmBytes, endBytes] = [measured[1] ?? measured[0]!, measured.at(-1)!];
  return {
    warmBytes,
    endBytes,
    growthBytes: endBytes - warmBytes,
    largestBytes: Math.max(...measured),
    tensorGrowth: tf.memory().numTensors - tensors,
  };
}
