// A contender: the same processors, and the exported graphs in onnxruntime-node, 32 rows at a time, as somebody would write it
// who knows in advance which modalities there are. Rows are padded to the longest of their batch.
import { basename, join } from 'node:path';
import { collateSamples, type PreparedSample, tensorValues } from '@polymodal/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { serveCalls } from '../calls/serve-calls';
import { combinations, predictCases, samplesOf, smallModel } from './cases';

const batchSize = 32;

await serveCalls('onnxruntime', async (folder) => {
  const { processors } = smallModel();
  const samples = samplesOf(predictCases[basename(folder)]!);
  const sessions = new Map<string, InferenceSession>();
  for (const names of combinations) {
    const combination = names.join('+');
    sessions.set(combination, await InferenceSession.create(join(folder, `${combination}.onnx`)));
  }

  async function answer(
    rows: readonly { readonly index: number; readonly sample: PreparedSample }[],
    out: Float32Array,
  ) {
    const { modalities } = collateSamples(
      { processors, targets: {} },
      rows.map(({ sample }) => sample),
    );
    const inputs: Record<string, Tensor> = {};
    for (const [modality, { features }] of Object.entries(modalities)) {
      for (const [feature, tensor] of Object.entries(features)) {
        const values = tensorValues(tensor);
        const type = values instanceof Int32Array ? 'int32' : 'float32';
        inputs[`${modality}/${feature}`] = new Tensor(type as 'float32', values as Float32Array, tensor.shape);
      }
    }
    const outputs = await sessions.get(Object.keys(modalities).join('+'))!.run(inputs);
    const values = outputs['kind/logits']!.data as Float32Array;
    const width = values.length / rows.length;
    rows.forEach(({ index }, row) => {
      out.set(softmax(values.subarray(row * width, (row + 1) * width)), index * width);
    });
  }

  return async () => {
    const prepared = await Promise.all(
      samples.map(async (sample, index) => ({ index, sample: await prepare(sample) })),
    );
    const groups = new Map<string, typeof prepared>();
    for (const row of prepared) {
      const combination = Object.keys(row.sample.features).join('+');
      groups.set(combination, [...(groups.get(combination) ?? []), row]);
    }
    const out = new Float32Array(samples.length * 4);
    for (const group of groups.values()) {
      for (let start = 0; start < group.length; start += batchSize) {
        await answer(group.slice(start, start + batchSize), out);
      }
    }
    return out;
  };

  async function prepare(sample: Readonly<Record<string, unknown>>): Promise<PreparedSample> {
    const features: Record<string, Awaited<ReturnType<(typeof processors)[string]['process']>>> = {};
    for (const [modality, processor] of Object.entries(processors)) {
      if (sample[modality] !== undefined)
        features[modality] = await processor.process(sample[modality], { training: false });
    }
    return { features, targets: {} };
  }
});

function softmax(logits: Float32Array): Float32Array {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
