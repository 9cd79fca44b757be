import { ElementType } from '../../onnx/element-type';
import { type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, reshape, scalar, withScalar } from '../operators';

interface KeepMaskAttributes {
  readonly shape: number[];
  /** R, a divisor of the mask's size R · C. */
  readonly rows: number;
  /** Words below it are kept. */
  readonly threshold: number;
  /** What stands where something is kept. */
  readonly kept: number;
}

/**
 * `KeepMask`: random words, r and s of R rows and then t and u of C columns (2 R + 2 C) → a mask of floats, R · C in some shape:
 *
 *     mask[i, j] = kept if (r_i xor t_j) · (s_i + u_j) < threshold, else 0, in signed words of 32 bits
 */
export const keepMaskKernels: readonly NativeKernel[] = [
  nativeKernel<KeepMaskAttributes, 'words'>('KeepMask', ['int32'], (trace, { words }, attributes) => {
    const { shape, rows, threshold, kept } = attributes;
    const columns = words.shape[0]! / 2 - rows;
    const lengths = [rows, rows, columns, columns];
    const sizes = { values: lengths, type: ElementType.int64, shape: [4] };
    const parts = lengths.map((length) => ({ shape: [length], type: words.type }));
    const [r, s, t, u] = trace.addMany('Split', [words, sizes], parts, { axis: 0 });
    const ofRow = [r!, s!].map((value) => reshape(trace, value, [rows, 1]));
    const sum = binary(trace, 'Add', ofRow[1]!, u!);
    const product = binary(trace, 'Mul', binary(trace, 'BitwiseXor', ofRow[0]!, t!), sum);
    const isKept = withScalar(trace, 'Less', product, threshold, ElementType.bool);
    const mask = trace.add('Where', [isKept, scalar(kept), scalar(0)], [rows, columns]);
    return reshape(trace, mask, shape);
  }),
];
