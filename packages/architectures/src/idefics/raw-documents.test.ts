import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import type { WrittenText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { pictureFolder } from '../testing/picture-documents';
import { ideficsDocument, visionLanguageModels } from '../vision-language';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

/** Made by tools/parity/idefics.py with IdeficsProcessor. */
interface RawDocuments {
  readonly prompts: (string | { readonly image: string })[][];
  readonly ids: number[][];
  readonly continuations: number[][];
  /** Of the first picture. */
  readonly pixels: number[];
}

const folder = pictureFolder('idefics/resampled');
const { prompts, ids, continuations, pixels }: RawDocuments = JSON.parse(
  readFileSync(join(folder, 'raw.json'), 'utf8'),
);
const samples = prompts.map((prompt) => ({
  text: ideficsDocument(
    prompt.map((part) => (typeof part === 'string' ? { text: part } : { image: join(folder, part.image) })),
  ),
}));

describe('Idefics asked about files and strings', () => {
  it('reads them as the processor of Python does, and continues them by the same tokens', async () => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    for (const [row, sample] of samples.entries()) {
      const { features } = await model.prepare(sample);
      expect([...features.text.inputIds.data]).toEqual(ids[row]);
    }
    const { image } = (await model.prepare(samples[0])).features;
    pixels.forEach((value, index) => expect(image.pixelValues.data[index]).toBeCloseTo(value, 5));
    const options = { heads: { text: { maxNewTokens: continuations[0].length } } };
    const answers = await model.predict(samples, options);
    expect(answers.map(({ text }) => [...(text as WrittenText).ids])).toEqual(continuations);
    model.dispose();
  });
});

it('sets pictures off, and ends utterances', () => {
  const [text, image] = [{ text: ' a ' }, { image: 'a.png' }];
  const around = { text: '<fake_token_around_image>' };
  expect(ideficsDocument([text, image, image, text, text])).toEqual([
    ...[{ text: 'a' }, around, image, around, image, around, { text: 'a' }, { text: 'a' }],
  ]);
  expect(ideficsDocument([text, text, image, text], { utterances: true })).toEqual([
    ...[{ text: 'a' }, { text: '<end_of_utterance>a' }, around, image, around, { text: 'a' }],
  ]);
});
