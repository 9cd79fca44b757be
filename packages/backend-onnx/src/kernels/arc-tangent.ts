import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { binary, scalar, unary, withScalar } from './operators';

/**
 * The angle of the point (x, y), as `Math.atan2(y, x)` gives it for every pair of numbers: built from the arc tangent
 * of y / |x|, reflected where x is negative. Zeros have signs, and infinities meet at odd multiples of π / 4.
 */
export function arcTangent(trace: Trace, y: Value, x: Value): Value {
  const { shape } = binary(trace, 'Add', y, x);
  const choose = (condition: Value, yes: Value | number, no: Value | number) =>
    trace.add('Where', [condition, operand(yes), operand(no)], shape, x.type);
  const width = unary(trace, 'Abs', x);
  const areInfinite = binary(trace, 'And', isInfinite(trace, y), isInfinite(trace, x));
  const direction = choose(isNegative(trace, y), -1, 1);
  const quotient = choose(areInfinite, direction, binary(trace, 'Div', y, width));
  const isFlat = withScalar(trace, 'Equal', y, 0, ElementType.bool);
  const angle = choose(isFlat, y, unary(trace, 'Atan', quotient));
  const reflected = binary(trace, 'Sub', withScalar(trace, 'Mul', direction, Math.PI), angle);
  const result = choose(isNegative(trace, x), reflected, angle);
  const isMissing = binary(trace, 'Or', isMissingAt(trace, y), isMissingAt(trace, x));
  return choose(isMissing, Number.NaN, result);
}

function operand(value: Value | number) {
  return typeof value === 'number' ? scalar(value) : value;
}

/** True for −0 too, whose reciprocal is −∞. */
function isNegative(trace: Trace, x: Value): Value {
  const below = withScalar(trace, 'Less', x, 0, ElementType.bool);
  const reciprocalBelow = withScalar(trace, 'Less', unary(trace, 'Reciprocal', x), 0, ElementType.bool);
  return binary(trace, 'Or', below, reciprocalBelow);
}

function isInfinite(trace: Trace, x: Value): Value {
  return unary(trace, 'IsInf', x, ElementType.bool);
}

function isMissingAt(trace: Trace, x: Value): Value {
  return unary(trace, 'IsNaN', x, ElementType.bool);
}
