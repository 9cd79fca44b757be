import { compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import { type Encoder, inferenceContext, type ModalityBatch } from '@polymodal/core';
import { type Family, loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { serveCalls } from '../calls/serve-calls';
import { type Input, readInput } from './read-input';

/**
 * Serves an encoder of ours: the folder loaded, its function compiled.
 *
 * @param inputs our features by the names of the workload's inputs that they come from
 */
export async function serveEncoder(family: Family, inputs: Readonly<Record<string, string>>): Promise<void> {
  await serveCalls('ours', async (folder) => {
    registerOnnxBackend();
    await tf.setBackend('onnx');
    const { model } = await loadPretrained([family], folder);
    const given = Object.entries(inputs).map(([name, feature]) => [feature, readFeature(folder, name)] as const);
    const encode = compile(encoderFunction(model as Encoder));
    return () => {
      const features = Object.fromEntries(
        given.map(([feature, { data, shape }]) => {
          return [feature, tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')];
        }),
      );
      const output = encode(features);
      const values = output.dataSync() as Float32Array; // tf.tidy would look for tensors among its elements
      tf.dispose([features, output]);
      return values;
    };
  });
}

/** Our masks are floats. */
function readFeature(folder: string, name: string): Input {
  const { data, shape } = readInput(folder, name);
  return { shape, data: name.endsWith('mask') ? Float32Array.from(data) : data };
}

function encoderFunction(encoder: Encoder) {
  const context = inferenceContext();
  return (features: tf.NamedTensorMap): tf.Tensor => {
    const rows = Int32Array.from({ length: Object.values(features)[0]!.shape[0]! }, (_, row) => row);
    return encoder.encode({ features, rows } as ModalityBatch, context).tokens;
  };
}
