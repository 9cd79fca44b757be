import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * LayerDrop (Fan et al. 2019): in training a layer is left out, for the whole batch, with probability `rate`. It is computed
 * all the same, and its change multiplied by 0, so that all steps are the same program.
 *
 * @param x     (B, N, D), what goes into the layer
 * @param module who drops: its path in the model decides what is drawn
 * @param layer computes what comes out
 */
export function layerDrop(
  x: tf.Tensor3D,
  rate: number,
  context: Context,
  module: Module,
  layer: (x: tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  if (!context.training || rate === 0) return layer(x);
  const kept = context.drawFor(module, [1, 1, 1], (key) => Float32Array.from(key.bernoulli(1, 1 - rate)));
  return tf.add(x, tf.mul(tf.sub(layer(x), x), kept));
}
