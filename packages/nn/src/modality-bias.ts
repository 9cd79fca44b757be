import { ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { withGradient } from './functional/with-gradient';
import { ownerIndicators } from './owner-indicators';

/**
 * The attention bias log(w) of interaction weights between modalities. Added to the logits before the softmax, it multiplies each
 * attention weight by w before normalisation; w = 0 excludes. Gradients reach the weights.
 *
 * ```ts
 * const weights = tf.tensor2d(interactionMatrix({ text: { image: 0 } }, ['image', 'text'])); // text does not see the picture
 * const owner = tf.tensor2d([[-1, 0, 0, 1]], [1, 4], 'int32'); // a class token, two of a picture, a word
 * attention.forward(tokens, tokens, mask, context, modalityBias(weights, owner, owner));
 * ```
 *
 * @param weights in [0, 1], by querying and attended modality: (S, S), or (B, S, S), those of each row
 * @param query   int32 (B, N): the index of the modality that each querying token is of; −1 for those of none, whose weight is 1
 * @param key     int32 (B, M), the same of the tokens attended to
 * @returns (B, 1, N, M), for the `attentionBias` of MultiHeadAttention
 * @throws ShapeError for weights that are no square
 */
export function modalityBias(weights: tf.Tensor2D | tf.Tensor3D, query: tf.Tensor2D, key: tf.Tensor2D): tf.Tensor4D {
  const [rows, columns] = weights.shape.slice(-2);
  if (rows !== columns || weights.rank > 3) {
    throw new ShapeError({
      where: 'modalityBias weights',
      expected: '[S, S] or [B, S, S]',
      received: `[${weights.shape.join(', ')}]`,
    });
  }
  const logs = logOrExcluded(weights);
  const byRow = tf.add<tf.Tensor3D>(logs, tf.zeros([query.shape[0], 1, 1])); // (B, S, S)
  const ofQueries = tf.matMul(ownerIndicators(query, rows), byRow); // (B, N, S)
  return tf.expandDims(tf.matMul(ofQueries, ownerIndicators(key, rows), false, true), 1) as tf.Tensor4D;
}

/** log(w), and {@link EXCLUDED_LOGIT} for 0, where the gradient is 0: what is excluded stays so. */
function logOrExcluded(weights: tf.Tensor): tf.Tensor {
  return withGradient([weights], () => {
    const included = tf.greater(weights, 0);
    const positive = tf.where(included, weights, 1);
    return {
      value: tf.where(included, tf.log(positive), EXCLUDED_LOGIT),
      saved: [included, positive],
      gradients: (dy, included, positive) => [tf.where(included, tf.div(dy, positive), 0)],
    };
  });
}
