import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx } from '@polymodal/backend-onnx';
import { type Model, useBackend } from '@polymodal/core';
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
  const prepared = await Promise.all(only.map((sample) => model.prepare(sample)));
  const { run, inputs, dynamicAxes } = await model.signature(only[0]!, { heads: ['kind'] });
  const example = inputs(prepared);
  await exportOnnx(run, example, { path, dynamicAxes });
  tf.dispose(example);
}
