import type { NativeKernel } from '../native-kernel';
import { orderKernels } from './computed-after';
import { ctcKernels } from './ctc-alphas';
import { adamKernels } from './fused-adam';
import { attentionKernels } from './fused-attention';
import { fusedConvolutionKernels } from './fused-convolution';
import { geluKernels } from './fused-gelu';
import { layerNormKernels } from './fused-layer-norm';
import { linearKernels } from './fused-linear';
import { keepMaskKernels } from './keep-mask';

/**
 * Kernels that TensorFlow.js does not know: several operations with their gradient as few ONNX nodes. A library calls
 * them with `tf.engine().runKernel` where `tf.getKernel` finds them, and does the same with plain operations elsewhere.
 */
export const fusedKernels: readonly NativeKernel[] = [
  ...adamKernels,
  ...orderKernels,
  ...attentionKernels,
  ...ctcKernels,
  ...fusedConvolutionKernels,
  ...geluKernels,
  ...keepMaskKernels,
  ...layerNormKernels,
  ...linearKernels,
];
