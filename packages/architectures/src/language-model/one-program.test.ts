import { type compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, type Sample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { visionLanguageRegistry } from '../vision-language';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const picture = { width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192).fill(20) };
const plain: Sample[] = [{ text: 'is it?' }, { text: 'x' }];
const withPictures: Sample[] = [
  { text: [{ text: 'is' }, { image: picture }, { text: ' it?' }] },
  { text: 'x', image: [picture] },
];

const text = { use: 'transformer', causal: true, numHiddenLayers: 2, numAttentionHeads: 2, maxLength: 64 } as const;
const image = {
  use: 'vit',
  ...{ imageSize: 8, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2 },
  several: { most: 3 },
} as const;

it.each([
  ['a text', plain, { encoders: { text }, fusion: { use: 'decoder' } }],
  ['pictures among words', withPictures, { encoders: { text, image }, fusion: { use: 'decoder' } }],
  [
    'pictures that are looked at',
    withPictures,
    { encoders: { text, image }, fusion: { use: 'flamingo', numAttentionHeads: 2 } },
  ],
] as const)('runs prompts and what follows them by one program of the layers: %s', async (_, samples, parts) => {
  const heads = { answer: { use: 'language-model', of: 'text' } } as const;
  const model = composeModel(visionLanguageRegistry, { hiddenSize: 16, ...parts, heads });
  const made = vi.spyOn(capabilities(), 'compile');
  for (const sample of samples) {
    await model.predict([sample], { heads: { answer: { minNewTokens: 4, maxNewTokens: 4, doSample: false } } });
  }
  const decoding = made.mock.calls.flatMap(([, options], index) => {
    return options?.donate ? [made.mock.results[index].value as ReturnType<typeof compile>] : [];
  });
  made.mockRestore();
  const runs = samples.length * 4; // the prompt, and three of the four tokens that follow it
  expect(decoding.map((own) => own.statistics())).toMatchObject([{ compilations: 1, runs }]);
  model.dispose();
});

/** What the backend can do beyond TensorFlow.js's own contract. */
function capabilities() {
  const key = Symbol.for('polymodal.capabilities');
  return (tf.backend() as unknown as Readonly<Record<symbol, { compile: typeof compile }>>)[key];
}
