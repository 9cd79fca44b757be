import * as tf from '@tensorflow/tfjs-core';

/** The tensors of a pass that goes on over several turns of the event loop, where no `tf.tidy` can hold them. */
export class PassTensors {
  readonly #kept: unknown[] = [];

  /** Computes inside `tf.tidy`, and keeps what comes of it. */
  keep<T extends object>(compute: () => T): T {
    const result = tf.tidy(compute as () => tf.TensorContainer) as T;
    return this.adopt(result);
  }

  /** Keeps what was computed elsewhere. */
  adopt<T>(result: T): T {
    this.#kept.push(result);
    return result;
  }

  dispose(): void {
    const tensors = tf.tensor_util.getTensorsInContainer(this.#kept as tf.TensorContainer);
    for (const tensor of tensors) if (!(tensor instanceof tf.Variable)) tensor.dispose(); // a weight may be part of an output
  }
}
