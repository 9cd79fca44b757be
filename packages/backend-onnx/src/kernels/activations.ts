import type * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { floats, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, broadcastShape, unary, withScalar } from './operators';

/** Activations with their gradients, softmax among them. */
export const activationKernels: readonly NativeKernel[] = [
  nativeKernel<object, 'x'>('Relu', numbers, (trace, { x }) => relu(trace, x)),
  nativeKernel<object, 'x'>('Relu6', numbers, (trace, { x }) => relu6(trace, x)),
  nativeKernel<object, 'x'>('Elu', floats, (trace, { x }) => unary(trace, 'Elu', x)),
  nativeKernel<object, 'dy' | 'y'>('EluGrad', floats, (trace, { dy, y }) => {
    const slope = withScalar(trace, 'Add', withScalar(trace, 'Min', y, 0), 1);
    return binary(trace, 'Mul', dy, slope);
  }),
  nativeKernel<object, 'x'>('Selu', floats, (trace, { x }) => unary(trace, 'Selu', x)),
  nativeKernel<tf.LeakyReluAttrs, 'x'>('LeakyRelu', floats, (trace, { x }, { alpha }) => leakyRelu(trace, x, alpha)),
  nativeKernel<object, 'x' | 'alpha'>('Prelu', floats, (trace, { x, alpha }) => prelu(trace, x, alpha)),
  nativeKernel<object, 'x'>('Sigmoid', floats, (trace, { x }) => unary(trace, 'Sigmoid', x)),
  nativeKernel<object, 'x'>('Softplus', floats, (trace, { x }) => unary(trace, 'Softplus', x)),
  nativeKernel<tf.SoftmaxAttrs, 'logits'>('Softmax', floats, (trace, { logits }, { dim }) =>
    logits.shape.length === 0 ? null : trace.add('Softmax', [logits], logits.shape, logits.type, { axis: dim }),
  ),
  nativeKernel<tf.LogSoftmaxAttrs, 'logits'>('LogSoftmax', floats, (trace, { logits }, { axis }) =>
    trace.add('LogSoftmax', [logits], logits.shape, logits.type, { axis }),
  ),
];

/** The activation that a fused kernel names; null if it is unknown. */
export function activate(
  trace: Trace,
  x: Value,
  activation: string | undefined,
  preluWeights: Value | undefined,
  leakyAlpha: number | undefined,
): Value | null {
  if (activation === undefined || activation === null || activation === 'linear') return x;
  if (activation === 'relu') return relu(trace, x);
  if (activation === 'relu6') return relu6(trace, x);
  if (activation === 'elu') return unary(trace, 'Elu', x);
  if (activation === 'sigmoid') return unary(trace, 'Sigmoid', x);
  if (activation === 'leakyrelu') return leakyRelu(trace, x, leakyAlpha ?? 0.2);
  if (activation === 'prelu' && preluWeights !== undefined) return prelu(trace, x, preluWeights);
  return null;
}

function relu(trace: Trace, x: Value): Value {
  return unary(trace, 'Relu', x);
}

function relu6(trace: Trace, x: Value): Value {
  return withScalar(trace, 'Min', relu(trace, x), 6);
}

function leakyRelu(trace: Trace, x: Value, alpha: number): Value {
  return trace.add('LeakyRelu', [x], x.shape, x.type, { alpha: { float: alpha } });
}

/** ONNX broadcasts the slopes to the input, not the input to the slopes. */
function prelu(trace: Trace, x: Value, slopes: Value): Value | null {
  const shape = broadcastShape(x.shape, slopes.shape);
  if (shape.length !== x.shape.length || shape.some((size, axis) => size !== x.shape[axis])) return null;
  return trace.add('PRelu', [x, slopes], x.shape, x.type);
}
