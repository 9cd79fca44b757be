import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx } from '@polymodal/backend-onnx';
import { inferenceContext, type Model, uploadBatch, useBackend } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { combinations, samplesOf, smallModel } from './cases';

/** Exports the model to ONNX, once for each combination of modalities, with any number of rows and any length. */
export async function writeGraphs(folder: string): Promise<void> {
  await useBackend('onnx');
  mkdirSync(folder, { recursive: true });
  const model = smallModel();
  for (const combination of combinations)
    await writeGraph(model, combination, join(folder, `${combination.join('+')}.onnx`));
  model.dispose();
}

async function writeGraph(model: Model, combination: readonly string[], path: string): Promise<void> {
  const samples = samplesOf({ samples: 6, lengths: 'fixed', missing: false, warmUpCalls: 0, callsPerTurn: 0 });
  const only = samples.map((sample) => Object.fromEntries(combination.map((name) => [name, sample[name]])));
  const batch = uploadBatch(model.collate(await Promise.all(only.map((sample) => model.prepare(sample)))));
  const example: tf.NamedTensorMap = {};
  const dynamicAxes: Record<string, Record<number, string>> = {};
  for (const [modality, { features }] of Object.entries(batch.modalities)) {
    for (const [feature, tensor] of Object.entries(features)) {
      example[`${modality}/${feature}`] = tensor;
      dynamicAxes[`${modality}/${feature}`] = modality === 'note' ? { 0: 'batch', 1: 'length' } : { 0: 'batch' };
    }
  }
  const context = inferenceContext();
  const logits = (inputs: tf.NamedTensorMap) => {
    const size = Object.values(inputs)[0]!.shape[0]!;
    const rows = Int32Array.from({ length: size }, (_, row) => row);
    const modalities = Object.fromEntries(
      combination.map((modality) => {
        const own = Object.entries(inputs).filter(([name]) => name.startsWith(`${modality}/`));
        return [modality, { rows, features: Object.fromEntries(own.map(([name, x]) => [name.split('/')[1]!, x])) }];
      }),
    );
    const { heads } = model.forward({ size, modalities, targets: {} }, context);
    return { logits: heads.kind!.output as tf.Tensor };
  };
  await exportOnnx(logits, example, { path, dynamicAxes });
  tf.dispose(example);
}
