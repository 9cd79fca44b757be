import * as tf from '@tensorflow/tfjs-core';
import { EXCLUDED_LOGIT } from '../excluded-logit';
import { fusedKernel } from './fused-kernel';
import { mergeHeads, splitHeads } from './split-heads';
import { type WithGradient, withGradient } from './with-gradient';

/**
 * Attention in H heads, each over its own D/H of the values. For each,
 *
 *     O = A V    with A = softmax(Q Kᵀ / √d + bias) and d = D/H
 *
 * (Vaswani et al. 2017, eq. 1). With dropout, A ∘ M stands for A in the product, where M is 0 or 1 / (1 − rate). A query
 * whose keys are all excluded gets exactly 0, and no gradient flows through it.
 *
 * The gradient, where the row sums of A ∘ dA are had from the smaller O ∘ dO:
 *
 *     dV = (A ∘ M)ᵀ dO    dA = dO Vᵀ ∘ M     dS = A ∘ (dA − rowsum(O ∘ dO))
 *     dQ = dS K / √d      dK = dSᵀ Q / √d    dbias = dS, summed where the bias was broadcast
 *
 * @param query (B, Nq, D)
 * @param key   (B, Nk, D)
 * @param value (B, Nk, D)
 * @param bias  broadcastable to (B, H, Nq, Nk) and finite; {@link EXCLUDED_LOGIT} excludes
 * @param numAttentionHeads H, a divisor of D
 * @param keep  M, (B, H, Nq, Nk)
 * @returns     (B, Nq, D)
 */
export function scaledDotProductAttention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  bias: tf.Tensor,
  numAttentionHeads: number,
  keep?: tf.Tensor4D,
): tf.Tensor3D {
  const inputs = { query, key, value, bias, keep };
  return withGradient(
    [query, key, value, bias],
    () => fusedAttention(inputs, numAttentionHeads) ?? plainAttention(inputs, numAttentionHeads),
  );
}

interface AttentionInputs {
  readonly query: tf.Tensor3D;
  readonly key: tf.Tensor3D;
  readonly value: tf.Tensor3D;
  readonly bias: tf.Tensor;
  readonly keep: tf.Tensor4D | undefined;
}

type AttentionWithGradient = WithGradient<
  [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor],
  readonly tf.Tensor[],
  tf.Tensor3D
>;

function fusedAttention(inputs: AttentionInputs, numAttentionHeads: number): AttentionWithGradient | undefined {
  const scale = (inputs.query.shape[2] / numAttentionHeads) ** -0.5;
  const attributes = { numAttentionHeads, scale, excludedLogit: EXCLUDED_LOGIT };
  const outputs = fusedKernel('FusedAttention', { ...inputs }, attributes);
  if (outputs === undefined) return undefined;
  const [y, q, k, v, weights] = outputs;
  const { bias, keep } = inputs;
  return {
    value: y as tf.Tensor3D,
    saved: [y, q, k, v, weights, bias, ...(keep ? [keep] : [])],
    gradients: (dy, y, q, k, v, weights, bias, keep) =>
      fusedKernel('FusedAttentionGrad', { dy, y, q, k, v, weights, bias, keep }, attributes) as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor,
      ],
  };
}

function plainAttention(
  { query, key, value, bias, keep }: AttentionInputs,
  numAttentionHeads: number,
): AttentionWithGradient {
  const scale = (query.shape[2] / numAttentionHeads) ** -0.5;
  const q = tf.mul<tf.Tensor4D>(splitHeads(query, numAttentionHeads), scale);
  const k = splitHeads(key, numAttentionHeads);
  const v = splitHeads(value, numAttentionHeads);
  const logits = tf.add<tf.Tensor4D>(tf.matMul(q, k, false, true), bias);
  const weights = tf.softmax(logits); // (B, H, Nq, Nk)
  const kept = keep ? tf.mul<tf.Tensor4D>(weights, keep) : weights;
  const present = hasKeys(bias);
  const attended = tf.mul<tf.Tensor4D>(tf.matMul(kept, v), present); // (B, H, Nq, D/H)
  return {
    value: mergeHeads(attended),
    saved: [q, k, v, weights, kept, present, attended, ...(keep ? [keep] : [])],
    gradients: (dy, q, k, v, weights, kept, present, attended, keep) => {
      const dAttended = tf.mul<tf.Tensor4D>(splitHeads(dy, numAttentionHeads), present);
      const dKept = tf.matMul(dAttended, v, false, true); // (B, H, Nq, Nk)
      const dWeights = keep ? tf.mul(dKept, keep) : dKept;
      const rowSums = tf.sum(tf.mul(attended, dAttended), -1, true); // (B, H, Nq, 1)
      const dLogits = tf.mul<tf.Tensor4D>(tf.sub(dWeights, rowSums), weights);
      return [
        mergeHeads(tf.mul(tf.matMul(dLogits, k), scale)),
        mergeHeads(tf.matMul(dLogits, q, true)),
        mergeHeads(tf.matMul(kept, dAttended, true)),
        sumTo(dLogits, bias.shape),
      ];
    },
  };
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
