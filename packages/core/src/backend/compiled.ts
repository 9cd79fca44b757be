import * as tf from '@tensorflow/tfjs-core';
import { backendCapabilities } from './capabilities';

/** A function of named tensors, and what it takes to run it. */
export interface Compiled<I extends tf.NamedTensorMap, O extends tf.NamedTensorMap> {
  (inputs: I): O;
  /** Releases what was compiled. */
  dispose(): void;
}

/** Options of {@link compiled}. */
export interface CompiledOptions {
  /** Inputs that the call disposes, and for each the output that may take its memory over: state that a loop hands on. */
  readonly donate?: Readonly<Record<string, string>>;
  /** Names of axes whose size may vary within one program, by input and axis; see `compile` of `@polymodal/backend-onnx`. */
  readonly dynamicAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Combinations of shapes that are kept compiled. */
  readonly maxPrograms?: number;
}

/** Whether the current backend compiles functions, as `@polymodal/backend-onnx` does. */
export function canCompile(): boolean {
  return backendCapabilities().compile !== undefined;
}

/**
 * A function compiled for inference, once for each combination of shapes, where the current backend can (as
 * `@polymodal/backend-onnx`, whose `compile` says what the function must keep to); as it is on others.
 *
 * ```ts
 * const run = compiled(({ x }: { x: tf.Tensor }) => ({ y: tf.softmax(linear.forward(x)) }));
 * const { y } = run({ x: tf.ones([2, 16]) });
 * ```
 */
export function compiled<I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
  fn: (inputs: I) => O,
  options: CompiledOptions = {},
): Compiled<I, O> {
  const { compile } = backendCapabilities();
  if (compile) return compile(fn, options);
  const run = (inputs: I): O => {
    const outputs = tf.tidy(() => fn(inputs));
    for (const name in options.donate) inputs[name]?.dispose();
    return outputs;
  };
  return Object.assign(run, { dispose: () => undefined });
}

/** Whether a function could not be compiled as it was asked for, by the codes of those errors: it may run all the same. */
export function isNotCompilable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return code === 'CAPTURE' || code === 'EXPORT';
}
