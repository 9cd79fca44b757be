import { matmul } from '../matmul';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, rowsOf } from '../operators';
import { sumOfRows } from '../reductions';

/**
 * `FusedLinear`: x (…, in), weight (out, in), bias (out)? → y = x Wᵀ + b (…, out).
 * `FusedLinearGrad`: dy, x, weight → dx, dW and db.
 */
export const linearKernels: readonly NativeKernel[] = [
  nativeKernel<object, 'x' | 'weight' | 'bias'>('FusedLinear', floats, (trace, { x, weight, bias }) => {
    const [outputSize] = weight.shape as [number, number];
    const shape = [...x.shape.slice(0, -1), outputSize];
    // With a matrix on the right, ONNX Runtime takes all axes of x before the last for one.
    const product = trace.add('com.microsoft.FusedMatMul', [x, weight], shape, x.type, { transB: 1 });
    return bias === undefined ? product : binary(trace, 'Add', product, bias);
  }),
  nativeKernel<object, 'dy' | 'x' | 'weight'>('FusedLinearGrad', floats, (trace, { dy, x, weight }) => {
    const dx = trace.add('MatMul', [dy, weight], x.shape);
    const dRows = rowsOf(trace, dy);
    const dWeight = matmul(trace, dRows, rowsOf(trace, x), true, false);
    return [dx, dWeight, sumOfRows(trace, dRows)];
  }),
];
