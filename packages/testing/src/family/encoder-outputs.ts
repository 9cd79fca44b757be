import type { Context, Encoder, ModalityBatch } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { keepValid } from '../compare/keep-valid';
import type { Values } from '../compare/read-tensors';
import { toTensor } from './to-tensor';

/** What an encoder computes: `hidden.0`, the tokens that are embedded, `hidden.1` … after each layer, `tokens` and `pooled`. */
export function encoderOutputs(encoder: Encoder, batch: ModalityBatch, context: Context): Record<string, tf.Tensor> {
  const { stages, encoded } = encoder.encodeStages(batch, context);
  return {
    ...Object.fromEntries(stages.map(({ tokens, mask }, index) => [`hidden.${index}`, keepValid(tokens, mask)])),
    tokens: keepValid(encoded.tokens, encoded.mask),
    pooled: encoded.pooled,
  };
}

/** Features on the current backend, as a batch of rows that all have them. */
export function batchOf(features: Values): ModalityBatch {
  const tensors = Object.fromEntries(Object.entries(features).map(([name, value]) => [name, toTensor(value)]));
  const [rows] = Object.values(features)[0].shape;
  return { rows: Int32Array.from({ length: rows }, (_, row) => row), features: tensors };
}
