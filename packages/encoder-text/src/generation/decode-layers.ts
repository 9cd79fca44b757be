import { type Context, inferenceContext } from '@polymodal/core';
import type { DecodingPlaces, KeyValueCache, MultiHeadAttention } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { DecodedStep } from './causal-encoder';

/** A layer around an attention, which another way to attend may stand in for. */
export interface CachedLayer {
  readonly attention: MultiHeadAttention;
  forwardWith(tokens: tf.Tensor3D, attention: (x: tf.Tensor3D) => tf.Tensor3D, context: Context): tf.Tensor3D;
}

/**
 * Runs new tokens through layers one after the other, each of which attends to its cache.
 *
 * @param tokens   (B, N, D)
 * @param caches   of each layer, without the new tokens
 * @param placesOf what the attention of a layer is told
 * @returns (B, N, D), before the last norm, and the caches with the new tokens
 */
export function decodeLayers(
  layers: readonly CachedLayer[],
  tokens: tf.Tensor3D,
  caches: readonly KeyValueCache[],
  placesOf: (layer: number) => DecodingPlaces,
): DecodedStep {
  const context = inferenceContext();
  const written = [...caches];
  const decoded = layers.reduce((current, layer, index) => {
    const attend = (x: tf.Tensor3D) => {
      const { attended, cache } = layer.attention.decode(x, caches[index], placesOf(index));
      written[index] = cache;
      return attended;
    };
    return layer.forwardWith(current, attend, context);
  }, tokens);
  return { tokens: decoded, caches: written };
}
