import { type Context, type EncodedTokens, inferenceContext, runLayer, type Tokens } from '@polymodal/core';
import type { AttentionState, Past } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CausalEncoder } from './causal-encoder';
import { goneOn, layersBehind, type StartedSequence } from './started-sequence';

/** Runs a layer of an encoder, with whatever stands before or after it. */
export type LayerOf = (index: number, tokens: Tokens<AttentionState>, context: Context) => Tokens<AttentionState>;

/** Tokens that ran through all layers, finished, and the past with them in it. */
export interface RunTokens {
  readonly encoded: EncodedTokens;
  /** (B, N, D), as the last layer gave them. */
  readonly unfinished: tf.Tensor3D;
  readonly past: Past;
}

/**
 * Runs new tokens through a causal encoder as any tokens run through it: `embed`, or `adopt` where they were embedded already, its
 * layers one after the other, and `finish`. What came before travels in the state of the tokens.
 *
 * @param features `inputIds` int32 (B, N) or `embeddings` (B, N, D), and `mask` (B, N)
 * @param layer    what runs at the place of a layer; the layer alone by default
 * @param started  what the first layers made of these tokens, where that is known: they are not run
 */
export function runThrough(
  encoder: CausalEncoder,
  features: tf.NamedTensorMap,
  past: Past,
  context: Context,
  layer: LayerOf = (index, tokens) => runLayer(encoder, index, tokens, context),
  started?: StartedSequence,
): RunTokens {
  const mask = features.mask as tf.Tensor2D;
  const rows = Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
  const embeddings = features.embeddings as tf.Tensor3D | undefined;
  let tokens = embeddings
    ? encoder.adopt({ tokens: embeddings, mask, rows }, context, past)
    : encoder.embed({ features, rows }, context, past);
  if (started) tokens = goneOn(tokens, past, started);
  for (let index = started ? layersBehind(started) : 0; index < encoder.depth; index++) {
    tokens = layer(index, tokens, context);
  }
  return { encoded: encoder.finish(tokens, context), unfinished: tokens.tokens, past: tokens.state.past ?? past };
}

/**
 * `runThrough` for decoding.
 *
 * @returns the last token of each row, finished (B, D), and the past with the new tokens
 */
export function decodeThrough(
  encoder: CausalEncoder,
  features: tf.NamedTensorMap,
  before: Past,
  layer?: LayerOf,
): { readonly last: tf.Tensor2D; readonly past: Past } {
  const { encoded, past } = runThrough(encoder, features, before, inferenceContext(), layer);
  return { last: lastOf(encoded.tokens), past };
}

/** (B, N, D) → (B, D) */
export function lastOf(tokens: tf.Tensor3D): tf.Tensor2D {
  const [batch, length, width] = tokens.shape;
  const last = length === 1 ? tokens : tf.slice(tokens, [0, length - 1, 0], [batch, 1, width]);
  return tf.reshape(last, [batch, width]);
}
