import * as tf from '@tensorflow/tfjs';
import type { Random } from './random';

/** Values of one input tensor. */
export interface Input {
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: readonly number[];
}

/** Inputs, and what to compute with them, on whichever backend is set. */
export interface Call {
  readonly inputs: readonly Input[];
  apply(...tensors: tf.Tensor[]): tf.Tensor | tf.Tensor[];
  /** The right outputs, by an independent computation, where those of the cpu backend are wrong. */
  readonly expected?: () => readonly Result[];
}

/** Kinds of values in place of plain floats for which a computation may leave its result open. */
export type OpenValue = 'NaN' | 'infinities' | 'denormals' | 'booleans';

/** One computation that must give the same on this backend as on TensorFlow.js's cpu backend. */
export interface KernelCase {
  readonly name: string;
  /** Draws shapes, values and options. */
  make(random: Random): Call;
  /** True if the gradient with respect to every float input is compared too. */
  readonly gradient?: boolean;
  /** How many draws (default 4). */
  readonly draws?: number;
  /** True where the cpu backend computes it for this one, on purpose. */
  readonly fallsBack?: boolean;
  /** Values for which it is left open what comes out: fuzzing does without them. */
  readonly leavesOpen?: readonly OpenValue[];
  /** True if terms of both signs are summed up, whose rounding is that of the largest: the tolerance grows with it. */
  readonly cancels?: boolean;
}

/** What a backend computed: values, shapes and types of the outputs, then of the gradients. */
export interface Result {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: ArrayLike<number> | readonly string[];
}

/** What a case has to give: what the cpu backend gives, or the right outputs in their place. */
export async function expectedOf(call: Call, gradient: boolean): Promise<Result[]> {
  await tf.setBackend('cpu');
  if (call.expected === undefined) return compute(call, gradient);
  const outputs = call.expected();
  return gradient ? [...outputs, ...compute(call, true).slice(outputs.length)] : [...outputs];
}

/** Computes a call, and its gradients if wanted, on the backend that is set. */
export function compute(call: Call, gradient: boolean): Result[] {
  return tf.tidy(() => {
    const tensors = call.inputs.map(({ values, shape, dtype }) => tf.tensor([...values], shape, dtype));
    const outputs = [call.apply(...tensors)].flat();
    return [...outputs, ...(gradient ? gradients(call, tensors) : [])].map((tensor) => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: tensor.dataSync(),
    }));
  });
}

/** Gradients of a weighted sum of all outputs, so that every output element counts differently. */
function gradients(call: Call, tensors: tf.Tensor[]): tf.Tensor[] {
  const variable = tensors.filter(({ dtype }) => dtype === 'float32');
  return tf.grads((...changed) => {
    const rest = [...changed];
    const all = tensors.map((tensor) => (tensor.dtype === 'float32' ? rest.shift()! : tensor));
    const sums = [call.apply(...all)].flat().map((output) => {
      const weights = Array.from({ length: output.size }, (_, i) => Math.sin(i + 1));
      return tf.sum(tf.mul(tf.cast(output, 'float32'), tf.tensor(weights, output.shape)));
    });
    return tf.addN(sums);
  })(variable);
}

/**
 * Where two results differ, or null. Integers and booleans must be equal. Floats may differ by 2e-5 of their size plus
 * 1e-5 (or of `largest`): both sides round each of up to a few hundred terms of a sum to 24 bits, in another order, and the transcendental
 * functions of both are approximations good to about 1e-6 (TensorFlow.js's erf to 1.5e-7).
 */
export function difference(actual: Result, expected: Result, largest = 1): string | null {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  if (!tf.util.arraysEqual(actual.shape, expected.shape))
    return `shape [${actual.shape}], expected [${expected.shape}]`;
  if (actual.values.length !== expected.values.length) return `${actual.values.length} values`;
  const tolerance = actual.dtype === 'float32' || actual.dtype === 'complex64' ? 1e-5 : 0;
  for (let i = 0; i < expected.values.length; i++) {
    const [a, b] = [actual.values[i]!, expected.values[i]!];
    if (Object.is(a, b)) continue;
    const areNumbers = typeof a === 'number' && typeof b === 'number';
    if (areNumbers && Math.abs(a - b) <= tolerance * largest + 2 * tolerance * Math.abs(b)) continue;
    return `element ${i} is ${a}, expected ${b}`;
  }
  return null;
}

/** The tolerance's measure for a case: 1, or the largest finite input where terms of both signs are summed up. */
export function largestOf({ cancels = false }: KernelCase, { inputs }: Call): number {
  if (!cancels) return 1;
  return inputs
    .flatMap(({ values }) => values.filter(Number.isFinite))
    .reduce((most, x) => Math.max(most, Math.abs(x)), 1);
}
