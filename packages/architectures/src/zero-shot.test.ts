import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FileFormatError, initialize, RandomKey, SampleError } from '@polymodal/core';
import { zeroShot } from '@polymodal/heads';
import { createFromConfig, loadPretrained, type PretrainedProcessor } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
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
  let model: Awaited<ReturnType<typeof load>>['model'];
  let expected: Expected;
  let images: { image: string }[];
  let texts: { text: string }[];
  beforeAll(async () => {
    ({ model } = await load(name));
    expected = JSON.parse(readFileSync(`${fixtures}${name}/expected.json`, 'utf8'));
    images = expected.images.map((file) => ({ image: fixtures + file }));
    texts = expected.texts.map((text) => ({ text }));
  });

  it('gives texts the tokens that Python gives them', async () => {
    const prepared = await Promise.all(texts.map((sample) => model.prepare(sample)));
    const ids = prepared.map(({ features }) => [...features.text.inputIds.data]);
    expect(ids).toEqual(name === 'clip' ? expected.ids : expected.paddedIds);
  });

  it('gives the embeddings that Python gives, in batches of any size', async () => {
    for (const batchSize of [2, 32]) {
      const answers = await model.predict([...images, ...texts], { batchSize });
      const embeddings = answers.map(({ match }) => match!.embeddings);
      expectClose(
        embeddings.slice(0, images.length).map(({ image }) => image),
        expected.imageEmbeddings,
      );
      expectClose(
        embeddings.slice(images.length).map(({ text }) => text),
        expected.textEmbeddings,
      );
    }
  });

  it('gives the probabilities that Python gives', async () => {
    expectClose(await zeroShot(model, images, texts), expected.probabilities);
  });
});

describe('zero-shot classification', () => {
  const photograph = { image: `${fixtures}photograph.jpg` };

  it('leaves nothing on the backend', async () => {
    const { model } = await load('clip');
    await zeroShot(model, [photograph], [{ text: 'a' }]);
    const before = tf.memory().numTensors;
    await zeroShot(model, [photograph], [{ text: 'a' }, { text: 'b' }]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('compares samples of several modalities with candidates of several', async () => {
    const { model } = await load('siglip');
    const mixed = [photograph, { text: 'a' }];
    const [[self, other], [back, own]] = await zeroShot(model, mixed, mixed);
    expect(self).toBeCloseTo(own, 5); // the cosine of a vector with itself is 1
    expect(other).toBeCloseTo(back, 5);
    expect(await zeroShot(model, [], mixed)).toEqual([]);
  });

  it('says which value cannot be read, and which is one too many', async () => {
    const { model } = await load('clip');
    const missing = zeroShot(model, [photograph, { image: 'nowhere.png' }], [{ text: 'a' }]);
    await expect(missing).rejects.toThrow(SampleError);
    await expect(missing).rejects.toThrow(/^sample 1, image, nowhere\.png: expected a file/);
    const candidate = zeroShot(model, [photograph], [{ text: 'a' }, { text: 3 }]);
    await expect(candidate).rejects.toThrow('candidate 1, text: expected');
    await expect(zeroShot(model, [photograph], [{ txt: 'a' }])).rejects.toThrow(
      'candidate 0: expected only modalities',
    );
    await expect(zeroShot(model, [{ ...photograph, text: 'a' }], [{ text: 'a' }])).rejects.toThrow(
      'sample 0: expected one of the modalities that are aligned, received image, text',
    );
    await expect(zeroShot(model, [photograph], [])).rejects.toThrow('candidates: expected at least one to choose from');
  });

  it('stops where it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const { model } = await load('clip');
    await expect(zeroShot(model, [photograph], [{ text: 'a' }], { signal })).rejects.toThrow('enough');
  });
});

it('a model without the files of its processors takes tensors alone, and says which files it lacks', async () => {
  const { configFile } = await load('clip');
  const { model } = createFromConfig([clip], configFile);
  initialize(model, RandomKey.from(0));
  expect(() => (model.processors.text as PretrainedProcessor).requireFiles()).toThrow(FileFormatError);
  await expect(model.predict([{ text: 'a' }])).rejects.toThrow(/tokenizer\.json/);
});
