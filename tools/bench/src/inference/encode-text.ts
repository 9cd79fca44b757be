import { inferenceContext } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { TextEncoder } from './text-encoder';

/** An encoder as a function of named tensors, to compile and to export. */
export function encodeText(model: TextEncoder) {
  const context = inferenceContext();
  return (inputs: { input_ids: tf.Tensor2D; attention_mask: tf.Tensor2D }) => ({
    last_hidden_state: model.forward(inputs.input_ids, inputs.attention_mask, context) as tf.Tensor,
  });
}
