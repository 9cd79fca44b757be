import type { Context, Encoder, ModalityBatch } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { keepValid } from '../compare/keep-valid';
import type { Values } from '../compare/read-tensors';
import { toTensor } from './to-tensor';

/** What an encoder computes: `hidden.0`, the tokens that are embedded, `hidden.1` … after each layer, `tokens` and `pooled`. */
export function encoderOutputs(encoder: Encoder, batch: ModalityBatch, context: Context): Record<string, tf.Tensor> {
  let tokens = encoder.embed(batch, context);
  const hidden = [keepValid(tokens.tokens, tokens.mask)];
  for (let index = 0; index < encoder.depth; index++) {
    tokens = encoder.layer(index, tokens, context);
    hidden.push(keepValid(tokens.tokens, tokens.mask));
  }
  const finished = encoder.finish(tokens, context);
  return {
    ...Object.fromEntries(hidden.map((tensor, index) => [`hidden.${index}`, tensor])),
    tokens: keepValid(finished.tokens, finished.mask),
    pooled: finished.pooled,
  };
}

/** Features on the current backend, as a batch of rows that all have them. */
export function batchOf(features: Values): ModalityBatch {
  const tensors = Object.fromEntries(Object.entries(features).map(([name, value]) => [name, toTensor(value)]));
  const [rows] = Object.values(features)[0].shape;
  return { rows: Int32Array.from({ length: rows }, (_, row) => row), features: tensors };
}
