import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, createRegistry, type Sample } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const plain = (grey: number) => ({ width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192).fill(grey) });
const [dark, bright] = [plain(20), plain(230)];
const samples: Sample[] = [
  { question: 'is it?', photos: [dark], targets: { answer: 'n' } },
  { question: [{ question: 'is' }, { photos: bright }, { question: ' it?' }], targets: { answer: 'y' } },
  { question: [{ photos: bright }, { question: 'and' }, { photos: dark }], targets: { answer: '1' } },
  { question: [{ photos: dark }, { question: 'and' }, { photos: dark }], targets: { answer: '2' } },
  { question: 'without?', targets: { answer: '0' } },
  { question: 'how many?', photos: Array.from({ length: 7 }, () => dark), targets: { answer: '7' } },
];

describe('a language model with pictures among its words', () => {
  it('learns to answer about none, one and several of them, in a batch as alone', async () => {
    const model = composeModel(createRegistry([text, vision, fusion, headText]), {
      hiddenSize: 24,
      encoders: {
        question: { use: 'transformer', causal: true, numHiddenLayers: 2, numAttentionHeads: 2, maxLength: 64 },
        photos: {
          use: 'vit',
          imageSize: 8,
          patchSize: 4,
          numHiddenLayers: 1,
          numAttentionHeads: 2,
          several: { most: 7 },
        },
      },
      fusion: { use: 'decoder', projector: 'linear' },
      heads: { answer: { use: 'language-model', bucketSize: 2, generation: { maxNewTokens: 4 } } },
    });
    await train(model, { data: samples, epochs: 60, batchSize: samples.length, learningRate: 0.01 });
    const asked = samples.map(({ targets: _, ...sample }) => sample);
    const together = await model.predict(asked);
    expect(together.map(({ answer }) => answer.text)).toEqual(samples.map(({ targets }) => targets!.answer));
    for (const [index, sample] of asked.entries()) expect(await model.predict([sample])).toEqual([together[index]]);
    model.dispose();
  });
});
