import type * as tf from '@tensorflow/tfjs-core';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { binary, unary, withScalar } from './operators';

type Input = 'x' | 'mean' | 'variance' | 'offset' | 'scale';

/** Batch normalisation: (x − mean) · scale / √(variance + ε) + offset. */
export const normalizationKernels: readonly NativeKernel[] = [
  nativeKernel<tf.FusedBatchNormAttrs, Input>(
    'FusedBatchNorm',
    floats,
    (trace, { x, mean, variance, offset, scale }, { varianceEpsilon }) => {
      const deviation = unary(trace, 'Sqrt', withScalar(trace, 'Add', variance, varianceEpsilon));
      const centred = binary(trace, 'Sub', x, mean);
      const scaled = scale === undefined ? centred : binary(trace, 'Mul', centred, scale);
      const normalised = binary(trace, 'Div', scaled, deviation);
      return offset === undefined ? normalised : binary(trace, 'Add', normalised, offset);
    },
  ),
];
