import { type Context, type Tokens, withTokens } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { type AttentionState, EVERYTHING } from './attention-state';
import type { KeyValueCache, Past } from './key-value-cache';
import type { MultiHeadAttention } from './multi-head-attention';

/** A layer around self-attention, which another way to attend may stand in for. */
export interface AttentionLayer {
  readonly attention: MultiHeadAttention;
  /**
   * @param tokens    (B, N, D)
   * @param attention (B, N, D) → (B, N, D)
   * @returns         (B, N, D)
   */
  forwardWith(tokens: tf.Tensor3D, attention: (x: tf.Tensor3D) => tf.Tensor3D, context: Context): tf.Tensor3D;
}

/**
 * Runs a layer as the state of its tokens says: they attend to one another, or in decoding to a cache, which has them too
 * afterwards.
 *
 * @param index  of the layer's cache
 * @param window how many tokens back the layer sees, itself among them
 */
export function runAttentionLayer<T extends Tokens<AttentionState>>(
  layer: AttentionLayer,
  index: number,
  tokens: T,
  context: Context,
  window = EVERYTHING,
): T {
  const { mask, state } = tokens;
  const { past, rotation } = state;
  const bias = state.biases.get(window);
  if (!past) {
    const attend = (x: tf.Tensor3D) => layer.attention.forward(x, x, mask, context, bias, rotation);
    return withTokens(tokens, layer.forwardWith(tokens.tokens, attend, context));
  }
  const { caches, places } = past;
  let written: KeyValueCache | undefined;
  const attend = (x: tf.Tensor3D) => {
    const { attended, cache } = places
      ? layer.attention.decode(x, caches[index], { places, bias: bias!, rotation })
      : layer.attention.extend(x, caches[index], { mask, bias: bias!, rotation }, context);
    written = cache;
    return attended;
  };
  const output = layer.forwardWith(tokens.tokens, attend, context);
  const after: Past = { ...past, caches: [...caches.slice(0, index), written!, ...caches.slice(index + 1)] };
  return { ...tokens, tokens: output, state: { ...state, past: after } };
}
