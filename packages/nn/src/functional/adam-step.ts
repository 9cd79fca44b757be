import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** State of Adam for one tensor of parameters: first and second moment, divided by 1 − β₁ and 1 − β₂. */
export interface AdamMoments {
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

/** Constants of an Adam step. What changes from step to step are scalar tensors, so that compiled steps stay the same. */
export interface AdamStepOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** η √(1 − β₂ᵗ) (1 − β₁) / ((1 − β₁ᵗ) √(1 − β₂)) in step t with the learning rate η. */
  readonly rate: tf.Scalar;
  /** ε √(1 − β₂ᵗ) / √(1 − β₂). */
  readonly epsilon: tf.Scalar;
}

/**
 * A step of Adam (Kingma and Ba 2015, algorithm 1), reordered so that it takes few passes over memory: bias correction
 * and the moments' factors 1 − β join in two scalars.
 *
 *     m ← β₁ m + g    v ← β₂ v + g²    step = rate · m / (√v + epsilon)
 *
 * @param gradient g, of the moments' shape
 * @returns what is to be subtracted from the parameters, and the new moments
 */
export function adamStep(
  gradient: tf.Tensor,
  { first, second }: AdamMoments,
  { beta1, beta2, rate, epsilon }: AdamStepOptions,
): AdamMoments & { readonly step: tf.Tensor } {
  const fused = fusedKernel('FusedAdam', { gradient, first, second, rate, epsilon }, { beta1, beta2 });
  if (fused) return { step: fused[0], first: fused[1], second: fused[2] };
  const m = tf.add(tf.mul(first, beta1), gradient);
  const v = tf.add(tf.mul(second, beta2), tf.square(gradient));
  return { step: tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon)), first: m, second: v };
}
