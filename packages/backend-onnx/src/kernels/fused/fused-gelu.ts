import type { Trace, Value } from '../../trace';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, unary, withScalar } from '../operators';

interface GeluAttributes {
  /** The exact GELU, its tanh form, or x σ(1.702 x). */
  readonly approximate: 'none' | 'tanh' | 'quick';
}

/**
 * `FusedGelu`: x → y of the same shape.
 * `FusedGeluGrad`: dy, x → dx.
 */
export const geluKernels: readonly NativeKernel[] = [
  nativeKernel<GeluAttributes, 'x'>('FusedGelu', floats, (trace, { x }, { approximate }) =>
    approximate === 'quick'
      ? binary(trace, 'Mul', x, unary(trace, 'Sigmoid', withScalar(trace, 'Mul', x, quickScale)))
      : trace.add('Gelu', [x], x.shape, x.type, { approximate }),
  ),
  nativeKernel<GeluAttributes, 'dy' | 'x'>('FusedGeluGrad', floats, (trace, { dy, x }, { approximate }) =>
    binary(trace, 'Mul', dy, slopes[approximate](trace, x)),
  ),
];

const quickScale = 1.702;
/** √(2/π) */
const tanhScale = Math.sqrt(2 / Math.PI);

const slopes: Readonly<Record<GeluAttributes['approximate'], (trace: Trace, x: Value) => Value>> = {
  /** Φ(x) + x φ(x), with u = x / √2: (erf(u) + 1) / 2 in one pass, and u / (exp(u²) √π). */
  none(trace, x) {
    const u = withScalar(trace, 'Mul', x, Math.SQRT1_2);
    const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    const cumulative = trace.add('HardSigmoid', [unary(trace, 'Erf', u)], x.shape, x.type, half);
    const peak = binary(trace, 'Div', u, unary(trace, 'Exp', binary(trace, 'Mul', u, u)));
    return binary(trace, 'Add', cumulative, withScalar(trace, 'Mul', peak, 1 / Math.sqrt(Math.PI)));
  },
  /** s + y (1 − s) (3 v − 4 √(2/π)), with v = 2 √(2/π) (1 + 0.044715 x²), s = σ(x v) and y = x s. */
  tanh(trace, x) {
    const cubic = withScalar(trace, 'Mul', binary(trace, 'Mul', x, x), 2 * 0.044715 * tanhScale);
    const v = withScalar(trace, 'Add', cubic, 2 * tanhScale);
    const s = unary(trace, 'Sigmoid', binary(trace, 'Mul', x, v));
    const y = binary(trace, 'Mul', x, s);
    const slope = withScalar(trace, 'Sub', withScalar(trace, 'Mul', v, 3), 4 * tanhScale);
    const rest = binary(trace, 'Sub', y, binary(trace, 'Mul', y, s));
    return binary(trace, 'Add', s, binary(trace, 'Mul', rest, slope));
  },
  /** s (1 + u − u s), with u = 1.702 x and s = σ(u). */
  quick(trace, x) {
    const u = withScalar(trace, 'Mul', x, quickScale);
    const s = unary(trace, 'Sigmoid', u);
    const rest = withScalar(trace, 'Add', binary(trace, 'Sub', u, binary(trace, 'Mul', u, s)), 1);
    return binary(trace, 'Mul', s, rest);
  },
};
