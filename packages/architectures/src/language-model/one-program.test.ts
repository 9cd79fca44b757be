import { type compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, inferenceContext, initialize, RandomKey, type Sample } from '@polymodal/core';
import { beginSequence, cachePrefixes, layersAlone, PrefixCache, sequenceProgram } from '@polymodal/generation';
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

it('runs prompts of mixed lengths several in a row, as each is run by itself, with gaps and padding before them', () => {
  const encoder = new CausalReadings(8);
  initialize(encoder, RandomKey.from(3));
  const layers = layersAlone(encoder);
  const length = 48;
  const isThere = (row: number, place: number) =>
    place >= [0, 0, 5, 0, 0][row] && place < [48, 9, 16, 30, 17][row] && place !== 3 * row;
  const mask = tf.tensor2d(
    Array.from({ length: 5 }, (_, row) => Array.from({ length }, (_place, place) => (isThere(row, place) ? 1 : 0))),
  );
  const features = { mask, values: tf.tensor3d(RandomKey.from(5).normal(5 * length * 3), [5, length, 3]) };
  const ids = tf.fill([5, length], -1, 'int32') as tf.Tensor2D;
  const ran = vi.spyOn(sequenceProgram(layers), 'begin');
  const run = (mayCompile: boolean, prefixes?: PrefixCache) => {
    const context = { ...inferenceContext(), mayCompile };
    const { encoded, causal } = beginSequence(layers, { features, ids, prefixes }, context);
    const caches = causal.caches.flatMap(({ keys, values }) => [keys, values]);
    return [encoded.tokens, encoded.pooled, ...caches].map((tensor) => tf.mul(tensor, maskLike(tensor, mask)));
  };
  const expected = run(false);
  for (const results of [run(true), run(true, new PrefixCache(2 ** 20))]) {
    for (const [index, tensor] of results.entries()) {
      expect(tensor.shape).toEqual(expected[index].shape);
      expect(tf.max(tf.abs(tf.sub(tensor, expected[index]))).dataSync()[0]).toBeLessThan(1e-5); // float32, in another order
    }
  }
  expect(ran.mock.calls.map(([given]) => given.mask.shape)).toEqual([
    [3, 48],
    [3, 48],
  ]); // 47 tokens, 29 and 16, 10 and 8
});

it('answers texts of mixed lengths together, each as by itself, and long ones apart', async () => {
  const model = composeModel(visionLanguageRegistry, {
    hiddenSize: 16,
    encoders: { text: { ...text, maxLength: 600 } },
    fusion: { use: 'decoder' },
    heads: { answer: { use: 'language-model', of: 'text' } },
  });
  const samples = [3, 40, 12, 70, 25].map((length) => ({ text: 'abcdefg'.repeat(10).slice(0, length) }));
  const heads = { answer: { minNewTokens: 4, maxNewTokens: 4, doSample: false } };
  const alone: unknown[] = [];
  for (const sample of samples) alone.push(...(await model.predict([sample], { heads })));
  const fused = vi.spyOn(model.fusion, 'forward');
  expect(await model.predict(samples, { heads })).toEqual(alone);
  expect(fused.mock.calls.map(([, { size }]) => size)).toEqual([5]);
  await model.predict([...samples, { text: 'x'.repeat(500) }], { heads });
  expect(fused.mock.calls.map(([, { size }]) => size)).toEqual([5, 5, 1]);
  model.dispose();
});

it('runs behind what it knows of a prompt as it runs the whole, with rows of all lengths, with gaps and without', () => {
  const encoder = new CausalReadings(8);
  initialize(encoder, RandomKey.from(3));
  const layers = layersAlone(encoder);
  const readings = RandomKey.from(5).normal(3 * 9 * 3);
  const prefixes = new PrefixCache(2 ** 20);
  const run = (lengths: readonly number[], first: number, known?: PrefixCache) => {
    const size = Math.max(...lengths) + 1;
    const isThere = (row: number, place: number) => place > (row === first ? 0 : -1) && place <= lengths[row];
    const places = Array.from({ length: size }, (_, place) => place);
    const mask = tf.tensor2d(lengths.map((_, row) => places.map((place) => (isThere(row, place) ? 1 : 0))));
    const values = tf.slice(tf.tensor3d(readings, [3, 9, 3]), [0, 0, 0], [lengths.length, size, 3]);
    const moved = tf.stack(lengths.map((_, row) => roll(tf.gather(values, row), row === first ? 1 : 0))) as tf.Tensor3D;
    const ids = tf.fill([lengths.length, size], -1, 'int32') as tf.Tensor2D;
    const context = { ...inferenceContext(), mayCompile: known !== undefined };
    const start = { features: { mask, values: moved }, ids, prefixes: known };
    const { encoded, causal } = beginSequence(layers, start, context);
    const caches = causal.caches.flatMap(({ keys, values: own }) => [keys, own]);
    return [encoded.tokens, encoded.pooled, ...caches].map((tensor) => tf.mul(tensor, maskLike(tensor, mask)));
  };
  for (const [lengths, first, reused] of [
    [[4, 2, 5], 1, 0],
    [[7, 3, 5], 0, 12],
    [[7, 8, 5], 2, 12 + 7 + 4 + 4],
    [[5], 0, 27 + 4],
  ] as const) {
    const expected = run(lengths, first);
    for (const [index, tensor] of run(lengths, first, prefixes).entries()) {
      expect(tensor.shape).toEqual(expected[index].shape);
      expect(tf.max(tf.abs(tf.sub(tensor, expected[index]))).dataSync()[0]).toBeLessThan(1e-5); // float32, in another order
    }
    expect(prefixes.figures.reused).toBe(reused);
  }
  prefixes.clear();
  expect(prefixes.figures).toMatchObject({ kept: 0, bytes: 0 });
});

/** (N, D), each token a place further on. */
function roll(tokens: tf.Tensor, by: number): tf.Tensor {
  return by === 0
    ? tokens
    : tf.concat([tf.zeros([by, tokens.shape[1]!]), tf.slice(tokens, [0, 0], [tokens.shape[0] - by, -1])]);
}

it('goes on behind the turns of conversations that it knows, with pictures among the words, and forgets them as weights change', async () => {
  const parts = { encoders: { text, image }, fusion: { use: 'decoder' } } as const;
  const heads = { answer: { use: 'language-model', of: 'text' } } as const;
  const model = composeModel(visionLanguageRegistry, { hiddenSize: 16, ...parts, heads });
  const grey = (data: number) => ({ ...picture, data: new Uint8Array(192).fill(data) });
  const asked = (shade: number, ...words: string[]) => ({
    text: [{ text: 'is' }, { image: grey(shade) }, ...words.map((own) => ({ text: own }))],
  });
  const options = { heads: { answer: { maxNewTokens: 3 } } };
  const answer = async (...samples: object[]) =>
    (await model.predict(samples as Sample[], options)).map(
      (own) => (own as { answer: { ids: Int32Array } }).answer.ids,
    );
  const turns = [
    [asked(20, ' it?')],
    [asked(20, ' it? No. And it?'), asked(90, ' it?')],
    [asked(20, ' it? No. And it? Yes.')],
  ];
  const whole = await Promise.all(turns.map((own) => answer(...own)));
  const before = tf.memory().numTensors;
  const prefixes = cachePrefixes(model, { maxBytes: 2 ** 16 });
  for (const [turn, own] of turns.entries()) expect(await answer(...own)).toEqual(whole[turn]);
  const { reused, kept, tokens } = prefixes.figures;
  expect(kept).toBe(2); // each conversation, of which the longer prompt is kept alone
  expect(reused).toBeGreaterThan(tokens / 4);
  const [weight] = model.encoders.text.parameters().values();
  weight.assignValues((await weight.viewValues()).map((value) => -value));
  const changed = await answer(...turns[2]);
  expect(prefixes.figures).toMatchObject({ reused, kept: 1 });
  prefixes.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(await answer(...turns[2])).toEqual(changed);
  const small = cachePrefixes(model, { maxBytes: 100 });
  prefixes.dispose(); // which another has taken the place of
  await answer(...turns[0]);
  expect(small.figures).toMatchObject({ prompts: 1, kept: 0, bytes: 0 });
  model.dispose();
  const flamingo = { fusion: { use: 'flamingo', numAttentionHeads: 2 } } as const;
  const looking = composeModel(visionLanguageRegistry, { hiddenSize: 16, ...parts, ...flamingo, heads });
  expect(() => cachePrefixes(looking)).toThrow('cachePrefixes: expected a model whose fusion is `decoder`, received');
  expect(() => cachePrefixes(model, { maxBytes: 0 })).toThrow('cachePrefixes');
  looking.dispose();
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
