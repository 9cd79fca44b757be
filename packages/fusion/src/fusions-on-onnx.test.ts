import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportOnnx, registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  type Batch,
  type Encoders,
  type Fusion,
  type FusionDefinition,
  inferenceContext,
  parseConfig,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fusion as plugin } from './plugin';
import { fill, fixedBatch, fixedEncoders } from './testing/fixed-encoder';

registerOnnxBackend();

const layers = { numHiddenLayers: 1 };
const heads = { numAttentionHeads: 1 };
const cases: [use: string, config: object][] = [
  ['masked-transformer', { ...layers, ...heads, learnInteractions: true, gate: ['audio'] }],
  ['early', { ...layers, ...heads, positions: ['text'] }],
  ['bottleneck', heads],
  ['cross-attention', { ...heads, reportUsage: true, interactions: { text: { image: 0.3, audio: 0 } } }],
  ['film', { condition: 'text', mutual: true }],
  ['hierarchical', { ...layers, ...heads, experts: true, gate: ['image'] }],
  ['concat', layers],
  ['mean', { ...layers, added: ['audio'] }],
  ['weighted', layers],
  ['gated', layers],
  ['tensor', { ...layers, vectorSize: 2 }],
  ['low-rank', layers],
  ['perceiver', { ...layers, ...heads, numLatents: 3, qkLayerNorms: true, added: ['image'] }],
];

describe.each(cases)('%s on ONNX Runtime', (use, config) => {
  const encoders = fixedEncoders({ depth: { image: 2, text: 3, audio: 1 } });
  let fusion: Fusion;
  let folder: string;

  beforeAll(async () => {
    await tf.setBackend('onnx');
    const definition = plugin.fusions!.find(({ name }) => name === use) as FusionDefinition;
    fusion = definition.create(parseConfig(definition.config, config, 'fusion'), { hiddenSize: 8, encoders });
    fill(fusion);
    folder = await mkdtemp(join(tmpdir(), 'polymodal-fusion-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is fused, and learns, as on the plain backend', async () => {
    const onBackend = async (backend: string) => {
      await tf.setBackend(backend);
      return stepOf(fusion, encoders, fixedBatch([['image', 'text', 'audio'], ['text'], ['image', 'audio']]));
    };
    const [plain, onnx] = [await onBackend('cpu'), await onBackend('onnx')];
    expect(onnx.length).toBe(plain.length);
    // gradients are sums of up to a hundred terms of order 1 and above, in float32
    const off = onnx.map((value, i) => Math.abs(value - plain[i]) / Math.max(1, Math.abs(plain[i])));
    expect(Math.max(...off)).toBeLessThan(1e-4);
  });

  it('is one program for all numbers of rows and lengths of texts', async () => {
    const { size, modalities } = fixedBatch(Array.from({ length: 6 }, () => ['image', 'text']));
    const { image, text } = modalities;
    const fuse = (inputs: Readonly<Record<string, tf.Tensor>>) => {
      const rows = Int32Array.from({ length: inputs.image.shape[0] }, (_, row) => row);
      const present = {
        image: { rows, features: { tokens: inputs.image, mask: tf.ones([rows.length, 1]) } },
        text: { rows, features: { tokens: inputs.text, mask: inputs.mask } },
      };
      const { tokens, pooled } = fusion.forward(
        encoders,
        { size: rows.length, modalities: present, targets: {} },
        inferenceContext(),
      );
      return { tokens, pooled };
    };
    const long = tf.concat<tf.Tensor3D>(
      Array.from({ length: 6 }, () => text.features.tokens as tf.Tensor3D),
      1,
    );
    const example = { image: image.features.tokens, text: long, mask: tf.ones([size, long.shape[1]]) };
    const axes = { 0: 'rows', 1: 'length' };
    await exportOnnx(fuse, example, {
      path: join(folder, 'fusion.onnx'),
      dynamicAxes: { image: { 0: 'rows' }, text: axes, mask: axes },
    });
  });
});

/** Everything that a step of training computes: what is fused, and the gradient of each parameter. */
function stepOf(fusion: Fusion, encoders: Encoders, batch: Batch): number[] {
  const variables = [...fusion.parameters().values()].map(({ value }) => value as tf.Variable);
  const { grads } = tf.variableGrads(() => {
    const { tokens, mask, pooled } = fusion.forward(encoders, batch, inferenceContext());
    const own = tf.sum(tf.square(tf.mul(tokens, tf.expandDims(mask, 2))));
    return tf.add(own, tf.sum(tf.square(pooled))) as tf.Scalar;
  }, variables);
  const { tokens, pooled } = fusion.forward(encoders, batch, inferenceContext());
  return [tokens, pooled, ...variables.map(({ name }) => grads[name])].flatMap((own) => [...own.dataSync()]);
}
