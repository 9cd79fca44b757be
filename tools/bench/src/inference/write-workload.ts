import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exportOnnx, registerOnnxBackend } from '@polymodal/backend-onnx';
import { encodeSafetensors, initialize, RandomKey, readParameters } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { InferenceConfig, ModelConfig } from './configs';
import { encodeText } from './encode-text';
import { TextEncoder } from './text-encoder';
import { type StoredConfig, type StoredInputs, workloadFiles } from './workload';

/** Writes a model with random weights into a folder, as safetensors and as ONNX. */
export async function writeModel(folder: string, encoder: ModelConfig): Promise<void> {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const files = workloadFiles(folder);
  const config: StoredConfig = { model_type: 'bert', architectures: ['BertModel'], encoder };
  const model = new TextEncoder(encoder);
  initialize(model, RandomKey.from(0));
  mkdirSync(dirname(files.onnx), { recursive: true });
  writeFileSync(files.config, JSON.stringify(config));
  writeFileSync(files.weights, encodeSafetensors(await readParameters(model)));

  const axes = { 0: 'batch', 1: 'sequence' };
  const example = { input_ids: tf.zeros<tf.Rank.R2>([4, 16], 'int32'), attention_mask: tf.ones<tf.Rank.R2>([4, 16]) };
  const dynamicAxes = { input_ids: axes, attention_mask: axes };
  await exportOnnx(encodeText(model), example, { path: files.onnx, dynamicAxes });
  model.dispose();
  tf.dispose(example);
}

/** Writes random tokens beside the model. Rows are between half and quite full, as texts in a batch are. */
export function writeInputs(folder: string, { model, batchSize, sequenceLength }: InferenceConfig): void {
  const key = RandomKey.from(1);
  const lengths = Array.from({ length: batchSize }, (_, row) =>
    row === 0 ? sequenceLength : key.fold(row).integer(sequenceLength / 2, sequenceLength + 1),
  );
  const inputs: StoredInputs = {
    ids: Array.from(key.uniform(batchSize * sequenceLength), (value) => Math.floor(value * model.vocabSize)),
    mask: lengths.flatMap((length) => Array.from({ length: sequenceLength }, (_, i) => Number(i < length))),
    shape: [batchSize, sequenceLength],
  };
  writeFileSync(workloadFiles(folder).inputs, JSON.stringify(inputs));
}
