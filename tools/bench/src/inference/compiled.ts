// A contender: ours, a function compiled on the backend `onnx`.
import { readFileSync } from 'node:fs';
import { compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import { decodeSafetensors, writeParameters } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { encodeText } from './encode-text';
import { serveInference } from './serve-inference';
import { TextEncoder } from './text-encoder';
import { type StoredConfig, workloadFiles } from './workload';

await serveInference('compiled', async (folder) => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const model = readEncoder(folder);
  const encode = compile(encodeText(model));
  return ({ ids, mask, shape }) => {
    const inputs = { input_ids: tf.tensor2d(ids, shape, 'int32'), attention_mask: tf.tensor2d(mask, shape) };
    const { last_hidden_state } = encode(inputs);
    const values = last_hidden_state.dataSync() as Float32Array; // tf.tidy would look for tensors among its elements
    tf.dispose([inputs, last_hidden_state]);
    return values;
  };
});

function readEncoder(folder: string): TextEncoder {
  const { config, weights } = workloadFiles(folder);
  const model = new TextEncoder((JSON.parse(readFileSync(config, 'utf8')) as StoredConfig).encoder);
  writeParameters(model, decodeSafetensors(readFileSync(weights), weights).tensors, weights);
  return model;
}
