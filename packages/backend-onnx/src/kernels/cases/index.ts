import { castCases } from './casts';
import { complexCases } from './complex-numbers';
import { elementwiseCases } from './elementwise';
import { imageCases } from './images';
import { indexCases } from './indices';
import type { KernelCase } from './kernel-case';
import { layoutCases } from './layouts';
import { matrixCases } from './matrices';
import { pictureCases } from './pictures';
import { reductionCases } from './reductions';
import { resizingCases } from './resizing';
import { sparseCases } from './sparse';
import { textCases } from './texts';
import { volumeCases } from './volumes';

/** All cases, by what their kernels do. */
export const kernelCases = {
  'element-wise kernels': elementwiseCases,
  conversions: castCases,
  reductions: reductionCases,
  'matrix products': matrixCases,
  'moving kernels': layoutCases,
  'indexing kernels': indexCases,
  'image kernels': imageCases,
  'kernels of volumes': volumeCases,
  'resizing kernels': resizingCases,
  'kernels of sparse tensors': sparseCases,
  'kernels of strings': textCases,
  'kernels of complex numbers': complexCases,
  'kernels of pictures': pictureCases,
} as const satisfies Record<string, readonly KernelCase[]>;
