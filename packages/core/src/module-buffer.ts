import type * as tf from '@tensorflow/tfjs-core';
import { Parameter } from './parameter';

/**
 * What a {@link Module} keeps beside its parameters and no training changes: running statistics, counters (PyTorch's
 * `register_buffer`). It is loaded and saved as a parameter is, and never trainable.
 */
export class ModuleBuffer<R extends tf.Rank = tf.Rank> extends Parameter<R> {
  constructor(...given: ConstructorParameters<typeof Parameter>) {
    super(...given);
    this.trainable = false;
  }
}
