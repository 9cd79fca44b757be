import * as tf from '@tensorflow/tfjs-core';
import { requireArgument } from '../require-argument';
import { backendCapabilities } from './capabilities';
import type { Compiled, CompiledOptions } from './compiled-function';

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
  requireArgument(typeof fn === 'function', 'compiled', 'a function of named tensors', fn);
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
