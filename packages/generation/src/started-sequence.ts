import { type Context, runLayer, type Tokens, withTokens } from '@polymodal/core';
import type { AttentionState, KeyValueCache, Past } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CausalEncoder } from './causal-encoder';
import { beginning } from './growing-past';

/** What the first k layers of a causal encoder made of B rows, to go on from behind them. */
export interface StartedSequence {
  /** (B, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, k, Hkv, N, d) of each of the layers. */
  readonly keys: tf.Tensor5D;
  readonly values: tf.Tensor5D;
}

/**
 * Runs the tokens of a batch through the first layers of a causal encoder alone: what is the same wherever the same words come again,
 * while these layers stay as they are.
 *
 * @param features what the encoder embeds, each (B, N, …), and `mask` (B, N), 1 = takes part
 * @param layers   k
 */
export function startSequence(
  encoder: CausalEncoder,
  features: tf.NamedTensorMap,
  layers: number,
  context: Context,
): StartedSequence {
  const mask = features.mask as tf.Tensor2D;
  const past = beginning(mask, encoder.cacheSizes, encoder.maxPositionEmbeddings);
  const rows = Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
  let tokens = encoder.embed({ features, rows }, context, past);
  for (let index = 0; index < layers; index++) tokens = runLayer(encoder, index, tokens, context);
  const caches = tokens.state.past?.caches ?? [];
  const stacked = (part: keyof KeyValueCache) =>
    tf.stack(
      caches.map((cache) => cache[part]),
      1,
    ) as tf.Tensor5D;
  return { tokens: tokens.tokens, keys: stacked('keys'), values: stacked('values') };
}

/** How many layers a sequence has behind it. */
export function layersBehind({ keys }: StartedSequence): number {
  return keys.shape[1];
}

/** Tokens that were embedded just now, as they are behind the layers of a start. */
export function goneOn(
  embedded: Tokens<AttentionState>,
  past: Past,
  { tokens, keys, values }: StartedSequence,
): Tokens<AttentionState> {
  const ofValues = tf.unstack(values, 1);
  const caches = tf.unstack(keys, 1).map((own, index) => ({ keys: own, values: ofValues[index] }) as KeyValueCache);
  return { ...withTokens(embedded, tokens), state: { ...embedded.state, past: { ...past, caches } } };
}
