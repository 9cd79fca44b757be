import { type compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, inferenceContext, initialize, RandomKey, type Sample } from '@polymodal/core';
import { beginSequence, layersAlone } from '@polymodal/generation';
import { CausalReadings } from '@polymodal/testing';
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

it('runs a prompt compiled as it runs uncompiled, also one without ids, wherever its rows have padding', () => {
  const encoder = new CausalReadings(8);
  initialize(encoder, RandomKey.from(3));
  const mask = tf.tensor2d([
    [1, 1, 1, 1, 0],
    [0, 1, 0, 1, 1],
    [1, 1, 1, 1, 1],
  ]);
  const features = { mask, values: tf.tensor3d(RandomKey.from(5).normal(45), [3, 5, 3]) };
  const ids = tf.fill([3, 5], -1, 'int32') as tf.Tensor2D;
  const run = (mayCompile: boolean) => {
    const context = { ...inferenceContext(), mayCompile };
    const { encoded, causal } = beginSequence(layersAlone(encoder), { features, ids }, context);
    const caches = causal.caches.flatMap(({ keys, values }) => [keys, values]);
    return [encoded.tokens, encoded.pooled, ...caches].map((tensor) => tf.mul(tensor, maskLike(tensor, mask)));
  };
  const expected = run(false);
  for (const [index, tensor] of run(true).entries()) {
    expect(tensor.shape).toEqual(expected[index].shape);
    expect(tf.max(tf.abs(tf.sub(tensor, expected[index]))).dataSync()[0]).toBeLessThan(1e-5); // float32, in another order
  }
});

/** 1 at the tokens that take part, since nothing is known of the others. */
function maskLike({ shape, rank }: tf.Tensor, mask: tf.Tensor2D): tf.Tensor {
  if (rank === 2) return tf.ones(shape);
  const [rows, tokens] = mask.shape;
  return tf.reshape(mask, rank === 3 ? [rows, tokens, 1] : [rows, 1, tokens, 1]);
}

/** What the backend can do beyond TensorFlow.js's own contract. */
function capabilities() {
  const key = Symbol.for('polymodal.capabilities');
  return (tf.backend() as unknown as Readonly<Record<symbol, { compile: typeof compile }>>)[key];
}
