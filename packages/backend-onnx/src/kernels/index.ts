import { activationKernels } from './activations';
import { arithmeticKernels } from './arithmetic';
import { convolutionKernels } from './convolution';
import { creationKernels } from './creation';
import { einsumKernels } from './einsum';
import { indexingKernels } from './indexing';
import { layoutKernels } from './layout';
import { matmulKernels } from './matmul';
import type { NativeKernel } from './native-kernel';
import { normalizationKernels } from './normalization';
import { poolingKernels } from './pooling';
import { reductionKernels } from './reductions';
import { unaryKernels } from './unary';

/** All kernels that are recorded as ONNX nodes. */
export const nativeKernels: readonly NativeKernel[] = [
  ...activationKernels,
  ...arithmeticKernels,
  ...convolutionKernels,
  ...creationKernels,
  ...einsumKernels,
  ...indexingKernels,
  ...layoutKernels,
  ...matmulKernels,
  ...normalizationKernels,
  ...poolingKernels,
  ...reductionKernels,
  ...unaryKernels,
];
