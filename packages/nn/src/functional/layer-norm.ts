import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';
import { type WithGradient, withGradient } from './with-gradient';

type LayerNormWithGradient<T extends tf.Tensor> = WithGradient<[T, tf.Tensor1D, tf.Tensor1D], tf.Tensor[], T>;

/**
 * y = x̂ ∘ w + b with x̂ = (x − mean) / σ over the last axis and σ² = variance + eps, the variance biased (Ba et al. 2016,
 * eq. 4). Its gradient, for each row of D values, with g = dy ∘ w:
 *
 *     dx = (g − mean(g) − x̂ mean(g ∘ x̂)) / σ    dw = Σ dy ∘ x̂    db = Σ dy
 *
 * @param x      (…, D)
 * @param weight (D)
 * @param bias   (D)
 * @returns      (…, D)
 */
export function layerNorm<T extends tf.Tensor>(x: T, weight: tf.Tensor1D, bias: tf.Tensor1D, eps: number): T {
  return withGradient(
    [x, weight, bias],
    () => fusedLayerNorm(x, weight, bias, eps) ?? plainLayerNorm(x, weight, bias, eps),
  );
}

function fusedLayerNorm<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): LayerNormWithGradient<T> | undefined {
  const outputs = fusedKernel('FusedLayerNorm', { x, weight, bias }, { epsilon });
  return (
    outputs && {
      value: outputs[0] as T,
      saved: [x, weight, outputs[1]],
      gradients: (dy, x, weight, inverse) =>
        fusedKernel('FusedLayerNormGrad', { dy, x, weight, inverse }, { epsilon }) as [T, tf.Tensor, tf.Tensor],
    }
  );
}

function plainLayerNorm<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  eps: number,
): LayerNormWithGradient<T> {
  const [size] = weight.shape;
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, size]);
  const centred = tf.sub<tf.Tensor2D>(rows, tf.mean(rows, 1, true));
  const variance = tf.mean<tf.Tensor2D>(tf.square(centred), 1, true);
  const inverse = tf.rsqrt(tf.add<tf.Tensor2D>(variance, eps)); // 1 / σ, (rows, 1)
  const normalised = tf.mul<tf.Tensor2D>(centred, inverse);
  const y = tf.add(tf.mul(normalised, weight), bias);
  return {
    value: tf.reshape(y, x.shape) as T,
    saved: [normalised, inverse, weight],
    gradients: (dy, normalised, inverse, weight) => {
      const dRows = tf.reshape<tf.Rank.R2>(dy, [-1, size]);
      const product = tf.mul<tf.Tensor2D>(dRows, normalised);
      const average = tf.reshape<tf.Rank.R2>(tf.div(weight, size), [size, 1]); // a product with it weighs and takes the mean in one pass
      const meanGradient = tf.matMul(dRows, average); // mean(g), (rows, 1)
      const meanProduct = tf.matMul(product, average); // mean(g ∘ x̂), (rows, 1)
      const along = tf.sub(tf.sub(tf.mul(dRows, weight), tf.mul(normalised, meanProduct)), meanGradient);
      return [tf.reshape(tf.mul(along, inverse), dy.shape), tf.sum(product, 0), tf.sum(dRows, 0)];
    },
  };
}
