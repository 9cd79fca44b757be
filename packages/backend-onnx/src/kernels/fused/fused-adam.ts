import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, unary, withScalar } from '../operators';

interface AdamAttributes {
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * `FusedAdam`: gradient, first and second moment (all of one shape, the moments divided by 1 − β), rate and epsilon
 * (scalars) → what is to be subtracted from the parameter, and the new moments:
 *
 *     m ← β₁ m + g    v ← β₂ v + g²    step = rate · m / (√v + epsilon)
 */
export const adamKernels: readonly NativeKernel[] = [
  nativeKernel<AdamAttributes, 'gradient' | 'first' | 'second' | 'rate' | 'epsilon'>(
    'FusedAdam',
    floats,
    (trace, { gradient, first, second, rate, epsilon }, { beta1, beta2 }) => {
      const m = binary(trace, 'Add', withScalar(trace, 'Mul', first, beta1), gradient);
      const v = binary(trace, 'Add', withScalar(trace, 'Mul', second, beta2), binary(trace, 'Mul', gradient, gradient));
      const deviation = binary(trace, 'Add', unary(trace, 'Sqrt', v), epsilon);
      return [binary(trace, 'Div', binary(trace, 'Mul', m, rate), deviation), m, v];
    },
  ),
];
