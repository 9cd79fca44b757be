// A contender: what a user does, `model.predict(samples)`.
import { basename } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import type { Classification } from '@polymodal/heads';
import * as tf from '@tensorflow/tfjs-core';
import { serveCalls } from '../calls/serve-calls';
import { predictCases, samplesOf, smallModel } from './cases';

await serveCalls('ours', async (folder) => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const model = smallModel();
  const samples = samplesOf(predictCases[basename(folder)]!);
  return async () => {
    const answers = await model.predict(samples);
    return Float32Array.from(answers.flatMap(({ kind }) => (kind as Classification).probabilities));
  };
});
