import * as tf from '@tensorflow/tfjs-core';

/** What {@link withGradient} needs to know of a function. */
export interface WithGradient<Inputs extends readonly tf.Tensor[], Saved extends readonly tf.Tensor[], Y> {
  readonly value: Y;
  /** What the gradients are computed from. */
  readonly saved: Saved;
  /** The gradient of each input, from that of the value. */
  readonly gradients: (dy: Y, ...saved: Saved) => { [Index in keyof Inputs]: tf.Tensor };
}

/**
 * Computes a function of tensors whose gradient is written by hand: `tf.customGrad` with types. It can be differentiated
 * once, not twice.
 *
 * On backends that compute at once, the gradients of all inputs are computed when that of any is needed.
 */
export function withGradient<
  const Inputs extends readonly tf.Tensor[],
  const Saved extends readonly tf.Tensor[],
  Y extends tf.Tensor,
>(inputs: Inputs, compute: () => WithGradient<Inputs, Saved, Y>): Y {
  const run = tf.customGrad<tf.Tensor>((...all) => {
    const save = all[inputs.length] as tf.GradSaveFunc;
    const { value, saved, gradients } = compute();
    save([...saved]);
    return {
      value,
      gradFunc: (dy, kept) => [...gradients(dy as Y, ...(kept as readonly tf.Tensor[] as Saved))],
    };
  });
  return run(...inputs) as Y;
}
