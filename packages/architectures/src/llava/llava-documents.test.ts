import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { FileFormatError, readParameters, type Sample, SampleError, uploadBatch } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { loadPretrained, pretrainedWhole, savePretrained } from '@polymodal/hub';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedOf, pictureFolder } from '../testing/picture-documents';
import { expectJointSequences, itContinuesDocuments, rawOf, samplesWith, textsOf } from '../testing/raw-documents';
import { visionLanguageModels, visionLanguageRegistry } from '../vision-language';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const folders = ['llama', 'qwen2-tied'].map((name) => pictureFolder(`llava/${name}`));
const [llama] = folders;
const directory = mkdtempSync(join(tmpdir(), 'polymodal-llava-documents-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The documents of a folder as samples, with their pictures as they were before any processor. */
async function samplesOf(folder: string): Promise<Sample[]> {
  const expected = await expectedOf(folder);
  const { data, shape } = await expected.read('pictures');
  await expected.close();
  const [, height, width, channels] = shape;
  const size = height * width * channels;
  const picture = (index: number) => ({
    ...{ width, height, channels },
    data: Uint8Array.from((data as Int32Array).subarray(index * size, (index + 1) * size)),
  });
  return samplesWith(folder, picture);
}

describe.each(folders.map((folder) => [basename(folder), folder]))('documents of LLaVA, %s', (_, folder) => {
  it('become the sequences that the processor of Python makes, with its numbers', async () => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const { prompts } = rawOf(folder);
    const prepared = await Promise.all((await samplesOf(folder)).map((sample) => model.prepare(sample)));
    expect(prepared.map(({ features }) => [...features.text.inputIds.data])).toEqual(prompts);
    const batch = uploadBatch(model.collate(prepared));
    await expectJointSequences(model, batch, folder);
    model.dispose();
  });

  itContinuesDocuments(folder, samplesOf);
});

describe('LLaVA', () => {
  it('is refused where its tokenizer has no such token for pictures as its config says', async () => {
    const folder = join(directory, 'other-token');
    cpSync(llama, folder, { recursive: true });
    const config = JSON.parse(readFileSync(join(llama, 'config.json'), 'utf8'));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, image_token_index: 5 }));
    const refused = await loadPretrained(visionLanguageModels, folder).catch((error) => error);
    expect(FileFormatError.isInstance(refused)).toBe(true);
    expect(refused.message).toMatch(
      /tokenizer\.json, added_tokens: expected the token 5, as image_token_index .*"<image>" \(3\)/,
    );
  });

  it('learns through the projector alone, is saved, loaded and handed back', async () => {
    const { model } = await loadPretrained(visionLanguageModels, llama);
    const before = await readParameters(model);
    const data = (await samplesOf(llama)).map((sample, index) => ({
      ...sample,
      targets: { text: index % 2 ? 'dog' : 'left' },
    }));
    await train(model, { data, train: ['fusion'], epochs: 2, batchSize: 4, learningRate: 0.01 });
    const after = await readParameters(model);
    const changed = [...before.keys()].filter(
      (path) => !Buffer.from(before.get(path)!.data.buffer).equals(Buffer.from(after.get(path)!.data.buffer)),
    );
    expect(changed.sort()).toEqual(
      ['bias', 'weight'].flatMap((name) => [1, 2].map((at) => `fusion.projectors.image.linear${at}.${name}`)).sort(),
    );
    const [kept, back] = ['kept', 'back'].map((name) => join(directory, name));
    await saveModel(model, kept);
    const again = await loadModel(visionLanguageRegistry, kept);
    const asked = await samplesOf(llama);
    const texts = await textsOf(model, asked);
    expect(await textsOf(again, asked)).toEqual(texts);
    await savePretrained(pretrainedWhole(visionLanguageModels, again), back);
    const { model: returned } = await loadPretrained(visionLanguageModels, back);
    expect(await readParameters(returned)).toEqual(after);
    expect(await textsOf(returned, asked)).toEqual(texts);
    for (const own of [model, again, returned]) own.dispose();
  });

  it('names the sample whose placeholders and pictures are not the same number', async () => {
    const { model } = await loadPretrained(visionLanguageModels, llama);
    const [one, none] = await samplesOf(llama);
    const [{ image }] = (one.text as { image: unknown }[]).filter((part) => 'image' in part);
    const refused = (bad: Sample) => model.predict([none, bad]).catch((error) => error);
    const written = await refused({ text: [{ text: 'what is <image>?' }, { image }] });
    expect(SampleError.isInstance(written)).toBe(true);
    expect(written.message).toMatch(/1.*<image>/);
    const many = await refused({ text: [{ text: 'how many?' }, ...Array.from({ length: 65 }, () => ({ image }))] });
    expect(SampleError.isInstance(many)).toBe(true);
    expect(many.message).toMatch(/1.*64/);
    expect(await textsOf(model, [{ text: [{ text: 'how many dogs?' }, { image: null }] }])).toEqual(
      await textsOf(model, [none]),
    );
    model.dispose();
  });

  it('refuses a document whose end, or whose pictures, it has no room for, and cuts none of them', async () => {
    const { model } = await loadPretrained(visionLanguageModels, llama);
    const [{ text }] = await samplesOf(llama);
    const [picture] = (text as object[]).filter((part) => 'image' in part);
    await expect(model.predict([{ text: [{ text: 'what is it? '.repeat(80) }, picture] }])).rejects.toThrow(
      SampleError,
    );
    const pictures = Array.from({ length: 64 }, () => picture);
    await expect(model.predict([{ text: [{ text: 'how many?' }, ...pictures] }])).rejects.toThrow(
      /at most 256 tokens.*"text" has positions for/,
    );
    model.dispose();
  });
});
