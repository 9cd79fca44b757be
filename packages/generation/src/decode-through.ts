import { type Context, inferenceContext, type Tokens } from '@polymodal/core';
import type { AttentionState, Past } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CausalEncoder } from './causal-encoder';

/** Runs a layer of an encoder, with whatever stands before or after it. */
export type LayerOf = (index: number, tokens: Tokens<AttentionState>, context: Context) => Tokens<AttentionState>;

/**
 * Runs new tokens through a causal encoder as any tokens run through it: `embed`, or `adopt` where they were embedded already, its
 * layers one after the other, and `finish`. The cache travels in the state of the tokens.
 *
 * @param features `inputIds` int32 (B, N) or `embeddings` (B, N, D), and `mask` (B, N)
 * @param layer    what runs at the place of a layer; the layer alone by default
 * @returns the last token of each row, finished (B, D), and the past with the new tokens
 */
export function decodeThrough(
  encoder: CausalEncoder,
  features: tf.NamedTensorMap,
  past: Past,
  layer: LayerOf = (index, tokens, context) => encoder.layer(index, tokens, context),
): { readonly last: tf.Tensor2D; readonly past: Past } {
  const context = inferenceContext();
  const mask = features.mask as tf.Tensor2D;
  const rows = Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
  const embeddings = features.embeddings as tf.Tensor3D | undefined;
  let tokens = embeddings
    ? encoder.adopt({ tokens: embeddings, mask, rows }, context, past)
    : encoder.embed({ features, rows }, context, past);
  for (let index = 0; index < encoder.depth; index++) tokens = layer(index, tokens, context);
  return { last: lastOf(encoder.finish(tokens, context).tokens), past: tokens.state.past ?? past };
}

/** (B, N, D) → (B, D) */
function lastOf(tokens: tf.Tensor3D): tf.Tensor2D {
  const [batch, length, width] = tokens.shape;
  return tf.reshape(tf.slice(tokens, [0, length - 1, 0], [batch, 1, width]), [batch, width]);
}
