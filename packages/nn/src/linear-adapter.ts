import { Adapter } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';

/** What is added to the result of a {@link Linear} map, learned beside it. */
export abstract class LinearAdapter extends Adapter {
  /**
   * @param x (…, inputSize)
   * @returns (…, outputSize), all 0 at first
   */
  abstract forward<T extends tf.Tensor>(x: T): T;
}
