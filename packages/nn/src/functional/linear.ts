import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';
import { type WithGradient, withGradient } from './with-gradient';

type LinearWithGradient<T extends tf.Tensor> = WithGradient<readonly tf.Tensor[], tf.Tensor[], T>;

/**
 * y = x Wᵀ + b over the last axis. Its gradient, with the other axes of x and y made one:
 *
 *     dx = dy W    dW = dyᵀ x    db = Σ dy
 *
 * @param x      (…, in)
 * @param weight (out, in)
 * @param bias   (out)
 * @returns      (…, out)
 */
export function linear<T extends tf.Tensor>(x: T, weight: tf.Tensor2D, bias?: tf.Tensor1D): T {
  const inputs: readonly tf.Tensor[] = bias ? [x, weight, bias] : [x, weight];
  return withGradient(inputs, () => fusedLinear(x, weight, bias) ?? plainLinear(x, weight, bias));
}

function fusedLinear<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D | undefined,
): LinearWithGradient<T> | undefined {
  if (x.rank < 2) return undefined;
  const outputs = fusedKernel('FusedLinear', { x, weight, bias });
  return (
    outputs && {
      value: outputs[0] as T,
      saved: [x, weight],
      gradients: (dy, x, weight) => fusedKernel('FusedLinearGrad', { dy, x, weight })!.slice(0, bias ? 3 : 2),
    }
  );
}

function plainLinear<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D | undefined,
): LinearWithGradient<T> {
  const [outputSize, inputSize] = weight.shape;
  const product = tf.matMul(rowsOf(x, inputSize), weight, false, true);
  const y = bias ? tf.add(product, bias) : product;
  return {
    value: tf.reshape(y, [...x.shape.slice(0, -1), outputSize]) as T,
    saved: [x, weight],
    gradients: (dy, x, weight) => {
      const dRows = rowsOf(dy, outputSize);
      const dx = tf.reshape(tf.matMul(dRows, weight as tf.Tensor2D), x.shape);
      const dWeight = tf.matMul(dRows, rowsOf(x, inputSize), true);
      return bias ? [dx, dWeight, tf.sum(dRows, 0)] : [dx, dWeight];
    },
  };
}

/** (…, width) → (rows, width), because batched products with a transpose are slow on some backends. */
function rowsOf(x: tf.Tensor, width: number): tf.Tensor2D {
  return tf.reshape(x, [-1, width]);
}
