import type * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../context';
import type { Encoder } from '../encoder';
import type { Tokens } from '../tokens';
import { recomputed } from './recomputed';

/**
 * One layer of an encoder, on the way of a sequence through it: `encoder.layer(index, tokens, context)`, computed again for the gradients
 * where the context says so. Fusions that work between layers call it.
 */
export function runLayer<State>(
  encoder: Encoder<State>,
  index: number,
  tokens: Tokens<State>,
  context: Context,
): Tokens<State> {
  if (encoder.runsAnother) return encoder.layer(index, tokens, context);
  const run = (x: tf.Tensor3D, own: Context) => encoder.layer(index, { ...tokens, tokens: x }, own);
  return recomputed<tf.Tensor3D, Tokens<State>>(tokens.tokens, context, run, tokens);
}
