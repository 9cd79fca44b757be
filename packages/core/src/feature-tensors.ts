import type * as tf from '@tensorflow/tfjs-core';
import type { Features, HostTensor } from './features';

/** What features are once they are on a backend: tensors of the same names and ranks. */
export type FeatureTensors<F extends Features = Features> = { readonly [Name in keyof F]: TensorOf<F[Name]> };

type TensorOf<Feature> = Feature extends HostTensor<infer Shape> ? TensorOfRank<Shape['length']> : Feature;

type TensorOfRank<Rank extends number> = Rank extends keyof TensorsByRank ? TensorsByRank[Rank] : tf.Tensor;

interface TensorsByRank {
  0: tf.Scalar;
  1: tf.Tensor1D;
  2: tf.Tensor2D;
  3: tf.Tensor3D;
  4: tf.Tensor4D;
  5: tf.Tensor5D;
}
