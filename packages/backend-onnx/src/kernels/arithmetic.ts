import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { arcTangent } from './arc-tangent';
import { booleans, dense, floats, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, cast, toInt32, unary, withScalar } from './operators';

type Pair = 'a' | 'b';

/** Element-wise kernels with two inputs (and AddN with many). */
export const arithmeticKernels: readonly NativeKernel[] = [
  sameType('Add', 'Add'),
  sameType('Sub', 'Sub'),
  sameType('Multiply', 'Mul'),
  sameType('Maximum', 'Max'),
  sameType('Minimum', 'Min'),
  sameType('RealDiv', 'Div', floats),
  pair('Pow', numbers, (trace, a, b) =>
    a.type === ElementType.int32 ? integerPower(trace, a, b) : binary(trace, 'Pow', a, b),
  ),
  sameType('BitwiseAnd', 'BitwiseAnd', ['int32']),
  pair('Atan2', floats, arcTangent),
  pair('SquaredDifference', numbers, (trace, a, b) => {
    const difference = binary(trace, 'Sub', a, b);
    return binary(trace, 'Mul', difference, difference);
  }),
  pair('FloorDiv', numbers, floorDivide),
  pair('Mod', numbers, modulo),
  nativeKernel('AddN', numbers, (trace, inputs) =>
    Object.values(inputs).reduce((total, next) => binary(trace, 'Add', total, next)),
  ),
  comparison('Equal', 'Equal', dense),
  pair('NotEqual', dense, (trace, a, b) => unary(trace, 'Not', binary(trace, 'Equal', a, b, ElementType.bool))),
  comparison('Greater', 'Greater', numbers),
  comparison('GreaterEqual', 'GreaterOrEqual', numbers),
  comparison('Less', 'Less', numbers),
  comparison('LessEqual', 'LessOrEqual', numbers),
  comparison('LogicalAnd', 'And', booleans),
  comparison('LogicalOr', 'Or', booleans),
];

function sameType(name: string, operator: string, accepts = numbers): NativeKernel {
  return pair(name, accepts, (trace, a, b) => binary(trace, operator, a, b));
}

function comparison(name: string, operator: string, accepts: NativeKernel['accepts']): NativeKernel {
  return pair(name, accepts, (trace, a, b) => binary(trace, operator, a, b, ElementType.bool));
}

function pair(
  name: string,
  accepts: NativeKernel['accepts'],
  record: (trace: Trace, a: Value, b: Value) => Value,
): NativeKernel {
  return nativeKernel<object, Pair>(name, accepts, (trace, { a, b }) =>
    a.type === b.type ? record(trace, a, b) : null,
  );
}

/** ⌊a / b⌋ as int32, in double precision as JavaScript computes it (a division of int32 by zero would trap). */
function floorDivide(trace: Trace, a: Value, b: Value): Value {
  const [x, y] = [cast(trace, a, ElementType.float64), cast(trace, b, ElementType.float64)];
  return toInt32(trace, unary(trace, 'Floor', binary(trace, 'Div', x, y)));
}

/** The remainder with the sign of the divisor, in double precision as JavaScript computes it. */
function modulo(trace: Trace, narrowA: Value, narrowB: Value): Value {
  const [a, b] = [cast(trace, narrowA, ElementType.float64), cast(trace, narrowB, ElementType.float64)];
  const remainder = fmod(trace, a, b);
  const shifted = fmod(trace, binary(trace, 'Add', remainder, b), b);
  const aNegative = withScalar(trace, 'Less', a, 0, ElementType.bool);
  const bNegative = withScalar(trace, 'Less', b, 0, ElementType.bool);
  const sameSign = binary(trace, 'Equal', aNegative, bNegative);
  const result = trace.add('Where', [sameSign, remainder, shifted], remainder.shape, a.type);
  return narrowA.type === ElementType.int32 ? toInt32(trace, result) : cast(trace, result, narrowA.type);
}

/** In double precision, as JavaScript computes it, and then modulo 2³². */
function integerPower(trace: Trace, a: Value, b: Value): Value {
  return toInt32(trace, binary(trace, 'Pow', cast(trace, a, ElementType.float64), cast(trace, b, ElementType.float64)));
}

function fmod(trace: Trace, a: Value, b: Value): Value {
  const { shape } = binary(trace, 'Add', a, b);
  return trace.add('Mod', [a, b], shape, a.type, { fmod: 1 });
}
