import * as tf from '@tensorflow/tfjs-core';
import type { Input } from './input';
import type { Random } from './random';

/** Inputs, and what to compute with them, on whichever backend is set. */
export interface Call {
  readonly inputs: readonly Input[];
  apply(...tensors: tf.Tensor[]): tf.Tensor | tf.Tensor[];
  /** The right outputs, by an independent computation, where those of the cpu backend are wrong. */
  readonly expected?: () => readonly Result[];
}

/** Kinds of values in place of plain floats for which a computation may leave its result open. */
export type OpenValue = 'NaN' | 'infinities' | 'denormals' | 'negative zero' | 'booleans';

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
  /** True if elements are only moved: they stay what they are to the last bit, zeros with a sign and denormals too. */
  readonly moves?: boolean;
}

/** What a backend computed: values, shapes and types of the outputs, then of the gradients. */
export interface Result {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: ArrayLike<number> | readonly string[];
  readonly isGradient?: boolean;
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
  tf.engine().startScope(); // tf.tidy would search the results for tensors, element by element
  try {
    const tensors = call.inputs.map(({ values, shape, dtype }) => tf.tensor([...values], shape, dtype));
    const outputs = [call.apply(...tensors)].flat();
    return [...outputs, ...(gradient ? gradients(call, tensors) : [])].map((tensor, i) => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: tensor.dataSync(),
      isGradient: i >= outputs.length,
    }));
  } finally {
    tf.engine().endScope();
  }
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

/** How far two results of a case may be apart. */
interface Precision {
  /** What the absolute part of the tolerance is measured by. */
  readonly largest: number;
  readonly isExact: boolean;
}

/** The precision of a case: by the largest finite input where terms of both signs are summed up, else by 1. */
export function precisionOf({ cancels = false, moves = false }: KernelCase, { inputs }: Call): Precision {
  const finite = cancels ? inputs.flatMap(({ values }) => values.filter(Number.isFinite)) : [];
  return { largest: finite.reduce((most, x) => Math.max(most, Math.abs(x)), 1), isExact: moves };
}

/**
 * Where two results differ, or null. Integers and booleans must be equal. Floats may differ by 2e-5 of their size plus
 * 1e-5 of what the precision says: both sides round each of up to a few hundred terms of a sum to 24 bits, in another
 * order, and the transcendental functions of both are approximations good to about 1e-6 (TensorFlow.js's erf to 1.5e-7).
 */
export function difference(actual: Result, expected: Result, { largest, isExact }: Precision): string | null {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  if (!tf.util.arraysEqual(actual.shape, expected.shape))
    return `shape [${actual.shape}], expected [${expected.shape}]`;
  if (actual.values.length !== expected.values.length) return `${actual.values.length} values`;
  const isFloat = actual.dtype === 'float32' || actual.dtype === 'complex64';
  const tolerance = isFloat && !(isExact && !actual.isGradient) ? 1e-5 : 0;
  for (let i = 0; i < expected.values.length; i++) {
    const [a, b] = [actual.values[i]!, expected.values[i]!];
    if (Object.is(a, b)) continue;
    const areNumbers = typeof a === 'number' && typeof b === 'number';
    const isClose = areNumbers && Math.abs(a - b) <= tolerance * largest + 2 * tolerance * Math.abs(b);
    if (isClose && tolerance > 0) continue;
    return `element ${i} is ${textOf(a)}, expected ${textOf(b)}`;
  }
  return null;
}

function textOf(value: number | string): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
