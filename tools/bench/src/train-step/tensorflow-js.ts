// A contender: the training step on a backend of TensorFlow.js, `onnx` or `wasm`, given as an argument with the folder
// of the workload.
import { writeParameters } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs';
import { serve } from '../serve';
import type { StepsResult } from './steps-result';
import { trainStep } from './train-step';
import { TransformerClassifier } from './transformer-classifier';
import { readWorkload } from './workload';

const [backend, folder] = process.argv.slice(2) as [string, string];

await serve(async () => {
  if (backend === 'onnx') await useOnnx();
  else await useWasm();
  const { config, weights, batches } = readWorkload(folder);
  const model = new TransformerClassifier(config);
  writeParameters(model, weights, 'the weights');
  const step = trainStep(model, config);
  let steps = 0;
  return async (times): Promise<StepsResult> => {
    const result: StepsResult = { ms: [], losses: [] };
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      const loss = step(batches[steps++ % batches.length]!);
      result.losses.push(loss.dataSync()[0]!);
      result.ms.push(performance.now() - start);
      loss.dispose();
    }
    return result;
  };
});

async function useOnnx(): Promise<void> {
  const { registerOnnxBackend } = await import('@polymodal/backend-onnx');
  registerOnnxBackend();
  await tf.setBackend('onnx');
}

async function useWasm(): Promise<void> {
  const { useFastWasm } = await import('./fast-wasm');
  await useFastWasm();
}
