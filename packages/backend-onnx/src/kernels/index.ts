import { activationKernels } from './activations';
import { arithmeticKernels } from './arithmetic';
import { blockKernels } from './blocks';
import { convolutionKernels } from './convolution';
import { volumeConvolutionKernels } from './convolution-3d';
import { creationKernels } from './creation';
import { depthwiseConvolutionKernels } from './depthwise-convolution';
import { einsumKernels } from './einsum';
import { indexingKernels } from './indexing';
import { layoutKernels } from './layout';
import { localResponseKernels } from './local-response';
import { matmulKernels } from './matmul';
import type { NativeKernel } from './native-kernel';
import { normalizationKernels } from './normalization';
import { poolingKernels } from './pooling';
import { reductionKernels } from './reductions';
import { resizeKernels } from './resize';
import { scatterKernels } from './scatter-kernels';
import { unaryKernels } from './unary';

/** All kernels that are recorded as ONNX nodes. */
export const nativeKernels: readonly NativeKernel[] = [
  ...activationKernels,
  ...arithmeticKernels,
  ...blockKernels,
  ...convolutionKernels,
  ...volumeConvolutionKernels,
  ...creationKernels,
  ...depthwiseConvolutionKernels,
  ...einsumKernels,
  ...indexingKernels,
  ...layoutKernels,
  ...localResponseKernels,
  ...matmulKernels,
  ...normalizationKernels,
  ...poolingKernels,
  ...reductionKernels,
  ...resizeKernels,
  ...scatterKernels,
  ...unaryKernels,
];
