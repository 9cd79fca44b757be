import type * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { activate } from './activations';
import { floats, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, broadcastShape, transpose } from './operators';

/** Matrix products. */
export const matmulKernels: readonly NativeKernel[] = [
  nativeKernel<tf.BatchMatMulAttrs, 'a' | 'b'>('BatchMatMul', numbers, (trace, { a, b }, { transposeA, transposeB }) =>
    a.type === b.type ? matmul(trace, a, b, transposeA, transposeB) : null,
  ),
  nativeKernel<tf._FusedMatMulAttrs, 'a' | 'b' | 'bias' | 'preluActivationWeights'>(
    '_FusedMatMul',
    floats,
    (trace, { a, b, bias, preluActivationWeights }, { transposeA, transposeB, activation, leakyreluAlpha }) => {
      const product = matmul(trace, a, b, transposeA, transposeB);
      const biased = bias === undefined ? product : binary(trace, 'Add', product, bias);
      return activate(trace, biased, activation, preluActivationWeights, leakyreluAlpha);
    },
  ),
];

/** a · b over the last two axes, (…, M, K) · (…, K, N) → (…, M, N), the axes before them broadcast. */
export function matmul(trace: Trace, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const [m, innerA] = matrixShape(a, transposeA);
  const [innerB, n] = matrixShape(b, transposeB);
  if (innerA !== innerB) {
    throw new RangeError(
      `matMul: inner dimensions ${innerA} and ${innerB} of [${a.shape}] and [${b.shape}] ` +
        `with transposeA=${transposeA} and transposeB=${transposeB} must be equal`,
    );
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
  if (!transposeA && !transposeB) return trace.add('MatMul', [a, b], shape, a.type);
  if (a.type !== ElementType.float32) {
    return trace.add('MatMul', [turned(trace, a, transposeA), turned(trace, b, transposeB)], shape, a.type);
  }
  const isFlat = a.shape.length === 2 && b.shape.length === 2;
  // MLAS is slower on a transposed left side than transposing the smaller side costs: Aᵀ B = (Bᵀ A)ᵀ.
  if (isFlat && transposeA && !transposeB) {
    if (m <= n) return trace.add('MatMul', [turned(trace, a, true), b], shape);
    return turned(trace, trace.add('MatMul', [turned(trace, b, true), a], [n, m]), true);
  }
  const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  if (isFlat) return trace.add('Gemm', [a, b], shape, a.type, flags);
  return trace.add('com.microsoft.FusedMatMul', [a, b], shape, a.type, flags);
}

function matrixShape({ shape }: Value, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = [shape[shape.length - 2]!, shape[shape.length - 1]!];
  return transposed ? [columns, rows] : [rows, columns];
}

function turned(trace: Trace, x: Value, isTurned: boolean): Value {
  if (!isTurned) return x;
  const rank = x.shape.length;
  const axes = x.shape.map((_, axis) => axis);
  return transpose(trace, x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}
