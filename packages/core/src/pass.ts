import type * as tf from '@tensorflow/tfjs-core';
import type { Context } from './context';

/** What a module of a model finds of the pass that it is computed in, without being handed it: adapters, whose modules know of none. */
export interface Pass {
  readonly context: Context;
  /** Where rows go by different adapters: by the name of each adapter, which rows of the batch go by it, (B) of 0 and 1. */
  readonly adapterRows?: Readonly<Record<string, tf.Tensor1D>>;
}

/** A pass is computed in one go, so that one within another is all that there may be at a time. */
let current: Pass | undefined;

/** Computes within a pass. */
export function duringPass<T>(pass: Pass, compute: () => T): T {
  const around = current;
  current = pass;
  try {
    return compute();
  } finally {
    current = around;
  }
}

/** The pass that is being computed; undefined outside of one, where everything is as in inference. */
export function currentPass(): Pass | undefined {
  return current;
}
