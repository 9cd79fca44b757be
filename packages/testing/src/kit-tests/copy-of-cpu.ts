import * as tf from '@tensorflow/tfjs-core';

/** A second instance of TensorFlow.js's plain backend under a name of its own, with some kernels replaced. */
export function registerCopyOfCpu(name: string, kernels: Readonly<Record<string, tf.KernelFunc>> = {}): void {
  tf.registerBackend(name, tf.findBackendFactory('cpu'));
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    const kernelFunc = kernels[kernel.kernelName] ?? kernel.kernelFunc;
    tf.registerKernel({ ...kernel, backendName: name, kernelFunc });
  }
}
