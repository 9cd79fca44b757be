import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, readParameters, type Sample } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { visionLanguageRegistry } from '../vision-language';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});
const folder = mkdtempSync(join(tmpdir(), 'polymodal-flamingo-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = (grey: number) => ({ width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192).fill(grey) });
const [dark, bright] = [plain(20), plain(230)];
const is = { text: 'is' };
/** The answer depends on the last picture alone, or on there being none. */
const samples: Sample[] = [
  { text: [is, { image: bright }, { text: ' it?' }], targets: { answer: 'y' } },
  { text: [is, { image: dark }, { text: ' it?' }], targets: { answer: 'n' } },
  { text: [{ image: dark }, is, { image: bright }, { text: ' it?' }], targets: { answer: 'y' } },
  { text: [{ image: bright }, is, { image: bright }, { image: dark }, { text: ' it?' }], targets: { answer: 'n' } },
  { text: 'is it?', image: [dark], targets: { answer: 'n' } },
];
/** What the language model knows before it looks. */
const texts: Sample[] = ['?', 'y', 'n'].map((answer) => ({ text: `is it ${answer}`, targets: { answer } }));
const asked = samples.map(({ targets: _, ...sample }) => sample);

it('learns to look with gates, attention and latents alone, the language model frozen', async () => {
  const model = composeModel(visionLanguageRegistry, {
    hiddenSize: 24,
    encoders: {
      text: { use: 'transformer', causal: true, numHiddenLayers: 2, numAttentionHeads: 2, maxLength: 48 },
      image: {
        use: 'vit',
        ...{ imageSize: 8, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2 },
        several: { most: 3 },
      },
    },
    fusion: {
      use: 'flamingo',
      numAttentionHeads: 2,
      gate: 'vector',
      resampler: { numLatents: 2, numHiddenLayers: 1, numAttentionHeads: 2 },
    },
    heads: { answer: { use: 'language-model', of: 'text', bucketSize: 2, generation: { maxNewTokens: 4 } } },
  });
  const settings = { batchSize: 5, learningRate: 0.02, progress: false };
  await train(model, { ...settings, data: texts, epochs: 40 });
  const before = await readParameters(model);
  const [plainly] = await model.predict([{ text: 'nothing to see' }]);
  await train(model, { ...settings, data: samples, epochs: 40, freeze: ['encoders', 'heads'] });

  const after = await readParameters(model);
  for (const [path, { data }] of before) {
    if (path.startsWith('encoders.')) expect(bytesOf(after.get(path)!.data).equals(bytesOf(data)), path).toBe(true);
    else expect(bytesOf(after.get(path)!.data).equals(bytesOf(data)), path).toBe(false);
  }
  const answers = await model.predict(asked);
  expect(answers.map(({ answer }) => answer.text)).toEqual(samples.map(({ targets }) => targets!.answer));
  for (const [index, sample] of asked.entries()) expect(await model.predict([sample])).toEqual([answers[index]]);
  expect(await model.predict([{ text: 'nothing to see' }])).toEqual([plainly]); // the language model writes as it did

  const pieces: string[] = [];
  for await (const piece of model.stream(asked[0], 'answer')) pieces.push(piece);
  expect(pieces.join('')).toBe('y');

  await saveModel(model, folder);
  const again = await loadModel(visionLanguageRegistry, folder);
  expect(await again.predict(asked)).toEqual(answers);
  again.dispose();
  model.dispose();
});

function bytesOf(values: ArrayLike<number>): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}
