import { BackendError, type Model, type RandomKey, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureStore } from './data/feature-store';
import { kindOf } from './data/sample-shape';
import { lossGradients } from './loss-gradients';
import type { Stage } from './run/stage';
import { largestWeights } from './weighing/loss-weight';

/** Kernels that gradients need and forward passes do not: WebAssembly lacks them. */
const gradientKernels = [
  'UnsortedSegmentSum', // of gathering rows, as an embedding does
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
];

/** Two samples have the loss that one alone may not have, a contrastive one for instance. */
const triedSamples = 2;

/**
 * Where a backend lacks kernels, computes gradients for two samples of each kind, in each stage, so that it is said before
 * training whether the model needs those.
 *
 * @throws BackendError naming the kernel
 */
export async function requireGradients(model: Model, stages: readonly Stage[], key: RandomKey): Promise<void> {
  const backend = tf.getBackend();
  if (gradientKernels.every((kernel) => tf.getKernel(kernel, backend))) return;
  for (const { parameters, batches, settings } of stages) {
    const options = { key: key.fold('gradients'), lossWeights: largestWeights(settings.lossWeights) };
    for (const { store } of batches.sources) {
      for (const indices of firstOfEachKind(store)) {
        const host = model.drawTargets(model.collate(await store.get(indices, 0)), options.key);
        try {
          tf.tidy(() => void lossGradients(model, parameters, uploadBatch(host), options));
        } catch (error) {
          throw asBackendError(error, backend);
        }
      }
    }
  }
}

function firstOfEachKind({ shapes }: FeatureStore): number[][] {
  const kinds = new Map<string, number[]>();
  shapes.forEach((shape, index) => {
    const kind = kindOf(shape, Object.keys(shape));
    const first = kinds.get(kind) ?? [];
    kinds.set(kind, first);
    if (first.length < triedSamples) first.push(index);
  });
  return [...kinds.values()];
}

function asBackendError(error: unknown, backend: string): unknown {
  const kernel = error instanceof Error && /Kernel '(\w+)' not registered/.exec(error.message)?.[1];
  if (!kernel) return error;
  return new BackendError({
    where: `backend ${backend}`,
    expected: 'one that computes the gradients of this model',
    received: `one without the kernel ${kernel}`,
    hint: 'Train on another backend: "onnx" (npm install @polymodal/backend-onnx) or "cpu". The trained model runs on this one.',
    cause: error,
  });
}
