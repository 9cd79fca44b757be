import * as tf from '@tensorflow/tfjs';
import { EXCLUDED_LOGIT } from '../excluded-logit';
import { withGradient } from './with-gradient';

/**
 * O = A V with A = softmax(Q Kᵀ / √d + bias) (Vaswani et al. 2017, eq. 1). With dropout, A ∘ M stands for A in the product,
 * where M is 0 or 1 / (1 − rate). A query whose keys are all excluded gets exactly 0, and no gradient flows through it.
 *
 * The gradient, where the row sums of A ∘ dA are had from the smaller O ∘ dO:
 *
 *     dV = (A ∘ M)ᵀ dO    dA = dO Vᵀ ∘ M    dS = A ∘ (dA − rowsum(O ∘ dO))
 *     dQ = dS K / √d      dK = dSᵀ Q / √d   dbias = dS, summed where the bias was broadcast
 *
 * @param query  (B, H, Nq, d)
 * @param key    (B, H, Nk, d)
 * @param value  (B, H, Nk, dv)
 * @param bias   broadcastable to (B, H, Nq, Nk) and finite; {@link EXCLUDED_LOGIT} excludes
 * @param keep   M, (B, H, Nq, Nk)
 * @returns      (B, H, Nq, dv)
 */
export function scaledDotProductAttention(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
  bias: tf.Tensor,
  keep?: tf.Tensor4D,
): tf.Tensor4D {
  const scale = query.shape[3] ** -0.5;
  return withGradient([query, key, value, bias], () => {
    const scaled = tf.mul<tf.Tensor4D>(query, scale);
    const logits = tf.add<tf.Tensor4D>(tf.matMul(scaled, key, false, true), bias);
    const weights = tf.softmax(logits); // (B, H, Nq, Nk)
    const kept = keep ? tf.mul<tf.Tensor4D>(weights, keep) : weights;
    const present = hasKeys(bias);
    const attended = tf.mul<tf.Tensor4D>(tf.matMul(kept, value), present);
    return {
      value: attended,
      saved: [scaled, key, value, weights, kept, present, attended, keep ?? present],
      gradients: (dy, scaled, key, value, weights, kept, present, attended, mask) => {
        const d = tf.mul<tf.Tensor4D>(dy, present);
        const dKept = tf.matMul(d, value, false, true); // (B, H, Nq, Nk)
        const dWeights = keep ? tf.mul(dKept, mask) : dKept;
        const rowSums = tf.sum(tf.mul(attended, dy), -1, true); // (B, H, Nq, 1)
        const dLogits = tf.mul<tf.Tensor4D>(tf.sub(dWeights, rowSums), weights);
        return [
          tf.mul(tf.matMul(dLogits, key), scale),
          tf.matMul(dLogits, scaled, true),
          tf.matMul(kept, d, true),
          sumTo(dLogits, bias.shape),
        ];
      },
    };
  });
}

/** 1 for each query with a key that is not excluded, else 0; of the bias's shape, but for one value in the last axis. */
function hasKeys(bias: tf.Tensor): tf.Tensor {
  return tf.clipByValue(tf.sub(tf.max(bias, -1, true), EXCLUDED_LOGIT / 2), 0, 1);
}

/** The sum over those axes that a tensor of the given shape was broadcast along. */
function sumTo(x: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, x.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(x, axes) : x, shape);
}
