import type * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { booleans, dense, floats, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, cast, scalar, toInt32, unary, withScalar } from './operators';

/** Kernels whose ONNX operator has the same name and meaning. */
const direct = 'Sqrt Log Erf Sin Cos Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Tanh Floor Ceil Round Reciprocal';

/** Element-wise kernels with one input, apart from activations. */
export const unaryKernels: readonly NativeKernel[] = [
  ...direct.split(' ').map((name) => elementwise(name, floats, (trace, x) => unary(trace, name, x))),
  elementwise('Abs', numbers, (trace, x) => unary(trace, 'Abs', x)),
  elementwise('Neg', numbers, (trace, x) => unary(trace, 'Neg', x)),
  elementwise('Square', numbers, (trace, x) => binary(trace, 'Mul', x, x)),
  elementwise('Rsqrt', floats, (trace, x) => unary(trace, 'Reciprocal', unary(trace, 'Sqrt', x))),
  elementwise('Exp', numbers, (trace, x) =>
    // Integers are exact arguments: their exponentials shall be, too.
    x.type === ElementType.int32
      ? cast(trace, unary(trace, 'Exp', cast(trace, x, ElementType.float64)), ElementType.float32)
      : unary(trace, 'Exp', x),
  ),
  elementwise('Tan', floats, (trace, x) => {
    // In double precision: near a pole the last digit of a float counts.
    const wide = cast(trace, x, ElementType.float64);
    return cast(trace, binary(trace, 'Div', unary(trace, 'Sin', wide), unary(trace, 'Cos', wide)), x.type);
  }),
  elementwise('Expm1', floats, (trace, x) =>
    nearZero(trace, x, (wide) => withScalar(trace, 'Sub', unary(trace, 'Exp', wide), 1)),
  ),
  elementwise('Log1p', floats, (trace, x) =>
    nearZero(trace, x, (wide) => unary(trace, 'Log', withScalar(trace, 'Add', wide, 1))),
  ),
  elementwise('Sign', floats, (trace, x) => {
    const positive = withScalar(trace, 'Greater', x, 0, ElementType.bool);
    const negative = withScalar(trace, 'Less', x, 0, ElementType.bool);
    return binary(trace, 'Sub', cast(trace, positive, x.type), cast(trace, negative, x.type));
  }),
  nativeKernel<tf.StepAttrs, 'x'>('Step', floats, (trace, { x }, { alpha }) => step(trace, x, alpha)),
  nativeKernel<tf.ClipByValueAttrs, 'x'>('ClipByValue', numbers, (trace, { x }, { clipValueMin, clipValueMax }) => {
    if (clipValueMin > clipValueMax) return null;
    if (x.type === ElementType.int32 && !(isInt32(clipValueMin) && isInt32(clipValueMax))) return null;
    return withScalar(trace, 'Min', withScalar(trace, 'Max', x, clipValueMin), clipValueMax);
  }),
  elementwise('IsNan', floats, (trace, x) => unary(trace, 'IsNaN', x, ElementType.bool)),
  elementwise('IsInf', floats, (trace, x) => unary(trace, 'IsInf', x, ElementType.bool)),
  elementwise('IsFinite', floats, (trace, x) =>
    withScalar(trace, 'Less', unary(trace, 'Abs', x), Number.POSITIVE_INFINITY, ElementType.bool),
  ),
  elementwise('LogicalNot', booleans, (trace, x) => unary(trace, 'Not', x)),
  nativeKernel<tf.CastAttrs, 'x'>('Cast', dense, (trace, { x }, { dtype }) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return null;
    const isFloatToInt = x.type === ElementType.float32 && dtype === 'int32';
    return isFloatToInt ? toInt32(trace, x) : cast(trace, x, ElementType[dtype]);
  }),
];

function elementwise(
  name: string,
  accepts: NativeKernel['accepts'],
  record: (trace: Trace, x: Value) => Value,
): NativeKernel {
  return nativeKernel<object, 'x'>(name, accepts, (trace, { x }) => record(trace, x));
}

/**
 * A function f with f(x) ≈ x near zero, where its textbook form loses all digits: computed in double precision, and
 * as x itself below 1e-8, where the difference is under a float's resolution.
 */
function nearZero(trace: Trace, x: Value, textbook: (wide: Value) => Value): Value {
  const far = cast(trace, textbook(cast(trace, x, ElementType.float64)), ElementType.float32);
  const tiny = withScalar(trace, 'Less', unary(trace, 'Abs', x), 1e-8, ElementType.bool);
  return trace.add('Where', [tiny, x, far], x.shape, x.type);
}

/** 1 where x > 0, NaN where x is, else alpha. */
function step(trace: Trace, x: Value, alpha: number): Value {
  // Rounding up what is clipped to [0, 1] keeps NaN and is faster than a choice by condition.
  const unit = unary(trace, 'Ceil', withScalar(trace, 'Min', withScalar(trace, 'Max', x, 0), 1));
  if (alpha === 0) return unit;
  const low = trace.add('Where', [unary(trace, 'IsNaN', x, ElementType.bool), x, scalar(alpha)], x.shape, x.type);
  return trace.add('Where', [withScalar(trace, 'Greater', x, 0, ElementType.bool), scalar(1), low], x.shape, x.type);
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}
