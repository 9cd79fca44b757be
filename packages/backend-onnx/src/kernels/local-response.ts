import type * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { binary, reshape, scalar, withScalar } from './operators';

/** Local response normalisation over the channels next to each other: x · (bias + α Σ x²)^(−β), and its gradient. */
export const localResponseKernels: readonly NativeKernel[] = [
  nativeKernel<tf.LRNAttrs, 'x'>('LRN', floats, (trace, { x }, attributes) =>
    binary(trace, 'Mul', x, power(trace, norm(trace, x, attributes), -attributes.beta)),
  ),
  nativeKernel<tf.LRNGradAttrs, 'x' | 'y' | 'dy'>('LRNGrad', floats, (trace, { x, y, dy }, attributes) => {
    const { depthRadius, alpha, beta } = attributes;
    const norms = norm(trace, x, attributes);
    const direct = binary(trace, 'Mul', dy, power(trace, norms, -beta));
    // Every output also shrinks with the square of each of its neighbours.
    const shares = binary(trace, 'Div', binary(trace, 'Mul', dy, y), norms);
    const around = binary(trace, 'Mul', x, neighbourSum(trace, shares, depthRadius));
    return binary(trace, 'Sub', direct, withScalar(trace, 'Mul', around, 2 * alpha * beta));
  }),
];

function norm(trace: Trace, x: Value, { depthRadius, bias, alpha }: tf.LRNAttrs): Value {
  const squares = neighbourSum(trace, binary(trace, 'Mul', x, x), depthRadius);
  return withScalar(trace, 'Add', withScalar(trace, 'Mul', squares, alpha), bias);
}

/** Sums over the last axis from `radius` places before each element to `radius` after: a mean, times their number. */
function neighbourSum(trace: Trace, x: Value, radius: number): Value {
  const channels = x.shape.at(-1)!;
  const reach = Math.min(radius, channels - 1);
  const size = 2 * reach + 1;
  const rows = x.shape.slice(0, -1).reduce((product, length) => product * length, 1);
  const lines = reshape(trace, x, [rows, 1, channels]);
  const attributes = { kernel_shape: [size], pads: [reach, reach], count_include_pad: 1 };
  const means = trace.add('AveragePool', [lines], lines.shape, x.type, attributes);
  return reshape(trace, withScalar(trace, 'Mul', means, size), x.shape);
}

function power(trace: Trace, x: Value, exponent: number): Value {
  return trace.add('Pow', [x, scalar(exponent)], x.shape, x.type);
}
