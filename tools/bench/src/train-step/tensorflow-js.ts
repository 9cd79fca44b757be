// A contender: the training step on a backend of TensorFlow.js, `onnx`, `onnx-replayed` or `wasm`, given as an argument
// with the folder of the workload.
import { writeParameters } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import type { StepsResult } from './steps-result';
import { type TrainingTensors, trainStep } from './train-step';
import { TransformerClassifier } from './transformer-classifier';
import { readWorkload, type TrainingBatch } from './workload';

const [backend, folder] = process.argv.slice(2) as [string, string];

await serve(async () => {
  if (backend === 'wasm') await useWasm();
  else await useOnnx();
  const { config, weights, batches } = readWorkload(folder);
  const model = new TransformerClassifier(config);
  writeParameters(model, weights, 'the weights');
  const step = backend === 'onnx-replayed' ? await replayed(trainStep(model, config)) : trainStep(model, config);
  let steps = 0;
  return async (times): Promise<StepsResult> => {
    const result: StepsResult = { ms: [], losses: [] };
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      const batch = upload(batches[steps++ % batches.length]!);
      const loss = step(batch);
      result.losses.push(loss.dataSync()[0]!);
      result.ms.push(performance.now() - start);
      tf.dispose([loss, batch.tokens, batch.labels]);
    }
    return result;
  };
});

function upload({ features, labels }: TrainingBatch): TrainingTensors {
  const shape = [...features.shape] as [number, number, number];
  return { tokens: tf.tensor3d(features.data, shape), labels: tf.tensor1d(labels.data, 'int32') };
}

async function replayed(step: ReturnType<typeof trainStep>) {
  const { replay } = await import('@polymodal/backend-onnx');
  return replay(step);
}

async function useOnnx(): Promise<void> {
  const { registerOnnxBackend } = await import('@polymodal/backend-onnx');
  registerOnnxBackend();
  await tf.setBackend('onnx');
}

async function useWasm(): Promise<void> {
  const { useFastWasm } = await import('./fast-wasm');
  await useFastWasm();
}
