import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { initialize, RandomKey, SampleError, StateError, UnknownNameError } from '@polymodal/core';
import { createFromConfig, loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { classify, embed } from '.';
import { clip, imageTextFamilies } from './image-text';

const fixtures = fileURLToPath(new URL('../fixtures/zero-shot/', import.meta.url));

/** What Python computed (tools/parity/dual_tower_zero_shot.py). */
interface Expected {
  readonly images: string[];
  readonly texts: string[];
  readonly ids: number[][];
  readonly paddedIds: number[][];
  readonly imageEmbeddings: number[][];
  readonly textEmbeddings: number[][];
  readonly probabilities: number[][];
}

const load = (name: string) => loadPretrained(imageTextFamilies, fixtures + name);

function expectClose(received: readonly ArrayLike<number>[], expected: number[][]): void {
  expect(received.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const differences = expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - received[i][j])));
  expect(Math.max(...differences)).toBeLessThan(1e-4); // float32, through two towers
}

describe.each(['clip', 'siglip'])('%s, from files and strings', (name) => {
  let loaded: Awaited<ReturnType<typeof load>>;
  let expected: Expected;
  let image: string[];
  beforeAll(async () => {
    loaded = await load(name);
    expected = JSON.parse(readFileSync(`${fixtures}${name}/expected.json`, 'utf8'));
    image = expected.images.map((file) => fixtures + file);
  });

  it('gives texts the tokens that Python gives them', () => {
    const ids = expected.texts.map((text) => [...loaded.processor.text!.process(text).inputIds.data]);
    expect(ids).toEqual(name === 'clip' ? expected.ids : expected.paddedIds);
  });

  it('gives the embeddings that Python gives, in batches of any size', async () => {
    for (const batchSize of [2, 32]) {
      const embeddings = await embed(loaded, { image, text: expected.texts }, { batchSize });
      expectClose(embeddings.image, expected.imageEmbeddings);
      expectClose(embeddings.text, expected.textEmbeddings);
    }
  });

  it('gives the probabilities that Python gives', async () => {
    expectClose(await classify(loaded, { image, text: expected.texts }), expected.probabilities);
  });
});

describe('embed and classify', () => {
  const [photograph] = ['photograph.jpg'].map((file) => fixtures + file);

  it('leave nothing on the backend', async () => {
    const loaded = await load('clip');
    await classify(loaded, { image: [photograph], text: ['a'] });
    const before = tf.memory().numTensors;
    await classify(loaded, { image: [photograph], text: ['a', 'b'] });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('take none as well as many', async () => {
    const loaded = await load('siglip');
    expect(await embed(loaded, { text: [] })).toEqual({ text: [] });
    expect(await classify(loaded, { image: [], text: ['a'] })).toEqual([]);
  });

  it('say which value cannot be read', async () => {
    const loaded = await load('clip');
    const missing = classify(loaded, { image: [photograph, 'nowhere.png'], text: ['a'] });
    await expect(missing).rejects.toThrow(SampleError);
    await expect(missing).rejects.toThrow(/^image 1, nowhere\.png: expected a file/);
    const noText = embed(loaded, { text: ['a', 'b', undefined as unknown as string] }, { batchSize: 2 });
    await expect(noText).rejects.toThrow(/^text 2: expected a string, received nothing/);
  });

  it('need a text to choose, a modality of the model, and its files', async () => {
    const loaded = await load('clip');
    await expect(classify(loaded, { image: [photograph], text: [] })).rejects.toThrow(SampleError);
    const sound = embed(loaded, { audio: ['bark.wav'] } as unknown as { image: string[] });
    await expect(sound).rejects.toThrow(UnknownNameError);
    await expect(sound).rejects.toThrow('expected a modality of the model, received "audio"');
    const fresh = createFromConfig([clip], loaded.configFile);
    initialize(fresh.model, RandomKey.from(0));
    await expect(embed(fresh, { image: [photograph] })).rejects.toThrow(StateError);
    const noTokenizer = { ...loaded, processor: { ...loaded.processor, text: undefined } };
    await expect(embed(noTokenizer, { text: ['a'] })).rejects.toThrow(/^processor\.text: .*tokenizer\.json/);
  });

  it('stop where they are told to', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(embed(await load('clip'), { text: ['a'] }, { signal: stopped })).rejects.toThrow('enough');
  });
});
