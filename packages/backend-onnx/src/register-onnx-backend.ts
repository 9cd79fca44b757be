import * as tf from '@tensorflow/tfjs-core';
import { OnnxBackend, type OnnxBackendOptions } from './backend';
import { offerCapabilities } from './capabilities';
import { KernelUnavailableError } from './errors';
import { runOnCpu } from './fallback';
import { nativeKernels } from './kernels';
import { fusedKernels } from './kernels/fused';
import { hostValuesKernels } from './kernels/host-values';
import type { NamedTensors } from './kernels/native-kernel';
import { viewKernels } from './kernels/views';

/** Name under which TensorFlow.js knows the backend. */
export const backendName = 'onnx';

/**
 * Registers the backend `onnx` and its kernels with TensorFlow.js, once; `await tf.setBackend('onnx')` then uses it.
 *
 * ```ts
 * registerOnnxBackend();
 * await tf.setBackend('onnx'); // `useBackend` of `@polymodal/core` does both
 * ```
 *
 * @returns the backend
 * @throws OnnxRuntimeLoadError if onnxruntime-node cannot be loaded here
 */
export function registerOnnxBackend(options: OnnxBackendOptions = {}): OnnxBackend {
  const existing = tf.findBackend(backendName);
  if (existing instanceof OnnxBackend) return existing;
  const backend = new OnnxBackend(options);
  offerCapabilities(backend);
  tf.registerBackend(backendName, () => backend, 3);
  for (const { name, input, shape } of viewKernels) {
    register(name, (onnx, inputs, attributes) => onnx.view(inputs[input]!, shape(inputs[input]!, attributes ?? {})));
  }
  for (const { name, make } of hostValuesKernels) {
    register(name, (onnx, _, attributes) => onnx.holdValues(make(attributes ?? {})));
  }
  for (const kernel of nativeKernels) {
    register(
      kernel.name,
      (onnx, inputs, attributes) =>
        onnx.record(kernel, inputs, attributes) ?? runOnCpu(onnx, kernel.name, inputs, attributes),
    );
  }
  for (const kernel of fusedKernels) {
    register(kernel.name, (onnx, inputs, attributes) => onnx.record(kernel, inputs, attributes) ?? refuse(kernel.name));
  }
  for (const name of fallbackKernelNames()) {
    register(name, (onnx, inputs, attributes) => runOnCpu(onnx, name, inputs, attributes));
  }
  return backend;
}

/** Names of the kernels that run on ONNX Runtime, apart from cases (data types, options) that they leave to the cpu. */
export function nativeKernelNames(): string[] {
  return [...nativeKernels, ...viewKernels, ...hostValuesKernels].map(({ name }) => name).sort();
}

/** Names of the kernels that always run on TensorFlow.js's cpu backend. */
export function fallbackKernelNames(): string[] {
  const native = new Set(nativeKernelNames());
  return tf
    .getKernelsForBackend('cpu')
    .map(({ kernelName }) => kernelName)
    .filter((name) => !native.has(name))
    .sort();
}

/** Names of the kernels that only this backend has. */
export function fusedKernelNames(): string[] {
  return fusedKernels.map(({ name }) => name).sort();
}

function refuse(kernelName: string): never {
  throw new KernelUnavailableError(`${kernelName} was called with inputs that it does not take.`, {
    expected: 'float32 tensors without axes of size 0',
    received: 'others',
    hint: 'Compute the same with plain TensorFlow.js operations.',
  });
}

function register(
  kernelName: string,
  run: (
    backend: OnnxBackend,
    inputs: NamedTensors,
    attributes: tf.NamedAttrMap | undefined,
  ) => tf.TensorInfo | tf.TensorInfo[],
): void {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => run(backend as OnnxBackend, inputs as NamedTensors, attrs),
  });
}
