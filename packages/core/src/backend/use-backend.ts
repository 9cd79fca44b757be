import * as tf from '@tensorflow/tfjs-core';
import { describeValue } from '../describe-value';
import { BackendError } from '../errors';
import { suggestNames } from '../nearest-names';
import { type BackendChoice, type BackendName, backendChoice, backendNames } from './backend-choice';
import type { Candidate, Refused } from './candidate';
import { cpuBackend } from './cpu-backend';
import { nodeBackend, nodeGpuBackend } from './node-backends';
import { onnxBackend } from './onnx-backend';
import { wasmBackend } from './wasm-backend';
import { webGpuBackend } from './web-gpu-backend';

/** Best first, in the order of `backendNames`. */
const candidates: readonly Candidate[] = [
  nodeGpuBackend,
  onnxBackend,
  nodeBackend,
  webGpuBackend,
  wasmBackend,
  cpuBackend,
];

/**
 * Starts the best backend that is installed, or the one named, and makes it TensorFlow.js's current one.
 *
 * The order is: `@tensorflow/tfjs-node-gpu` with a visible GPU, `@polymodal/backend-onnx`, `@tensorflow/tfjs-node`,
 * `@tensorflow/tfjs-backend-webgpu` (in Node with the package `webgpu`) with a graphics card,
 * `@tensorflow/tfjs-backend-wasm`, and plain JavaScript.
 *
 * ```ts
 * console.log(String(await useBackend()));
 * ```
 *
 * @throws BackendError if the named backend is unknown, not installed or does not start; the current backend stays
 */
export async function useBackend(name?: BackendName): Promise<BackendChoice> {
  return name === undefined ? startBest() : startNamed(name);
}

async function startBest(): Promise<BackendChoice> {
  const passedOver: (Refused & { readonly name: BackendName })[] = [];
  for (const { name, start } of candidates) {
    const outcome = await start(false);
    if ('reason' in outcome) passedOver.push({ name, ...outcome });
    else return bestChoice(name, outcome.description, passedOver);
  }
  throw new BackendError({
    where: 'useBackend',
    expected: 'at least the plain JavaScript backend to start',
    received: passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
  });
}

function bestChoice(
  name: BackendName,
  description: string,
  refusals: readonly (Refused & { readonly name: BackendName })[],
): BackendChoice {
  const passedOver = refusals.map(({ name, reason }) => ({ name, reason }));
  const remedy = refusals.find((refused) => refused.name === 'onnx')?.remedy;
  const slow = name === 'wasm' || name === 'cpu';
  const advice = slow && remedy !== undefined && `For native speed use ${onnxBackend.packages[0]}. ${remedy}`;
  return backendChoice({ name, description, passedOver, ...(advice && { advice }) });
}

async function startNamed(name: BackendName): Promise<BackendChoice> {
  const candidate = candidates.find((known) => known.name === name);
  if (!candidate) {
    throw new BackendError({
      where: 'useBackend',
      expected: 'the name of a backend',
      received: describeValue(name),
      hint: suggestNames(String(name), backendNames),
    });
  }
  const before: string | undefined = tf.getBackend();
  const outcome = await candidate.start(true);
  if ('description' in outcome) return backendChoice({ name, description: outcome.description, passedOver: [] });
  // Importing a package can make its backend the current one, even if it is then not to be taken.
  if (before && tf.getBackend() !== before) await tf.setBackend(before);
  throw new BackendError({
    where: `useBackend("${name}")`,
    expected: `a working ${candidate.packages.join(' with ')}`,
    received: outcome.reason,
    ...(outcome.remedy !== undefined && { hint: outcome.remedy }),
    cause: outcome.cause,
  });
}
