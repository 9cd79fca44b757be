import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInferenceWorker, exportOnnx, registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, readParameters, type Sample, SampleError, uploadBatch } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { loadPretrained } from '@polymodal/hub';
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

const folders = ['tiles', 'whole-tied'].map((name) => pictureFolder(`idefics3/${name}`));
const [tiles] = folders;
const directory = mkdtempSync(join(tmpdir(), 'polymodal-idefics3-documents-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The documents of a folder as samples, with pictures of their own sizes. */
async function samplesOf(folder: string): Promise<Sample[]> {
  const expected = await expectedOf(folder);
  const pictures = new Map<number, object>();
  for (const index of rawOf(folder).documents.flat()) {
    if (typeof index !== 'number') continue;
    const { data, shape } = await expected.read(`picture.${index}`);
    const [height, width, channels] = shape;
    pictures.set(index, { width, height, channels, data: Uint8Array.from(data as Iterable<number>) });
  }
  await expected.close();
  return samplesWith(folder, (index) => pictures.get(index)!);
}

describe.each(folders.map((folder) => [basename(folder), folder]))('documents of Idefics3, %s', (_, folder) => {
  it('become the sequences and tiles that the processor of Python makes, with its numbers', async () => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const { prompts } = rawOf(folder);
    const prepared = await Promise.all((await samplesOf(folder)).map((sample) => model.prepare(sample)));
    expect(prepared.map(({ features }) => [...features.text.inputIds.data])).toEqual(prompts);
    const host = model.collate(prepared);
    const expected = await expectedOf(folder);
    const pixels = await expected.read('pixelValues');
    const { rows, features } = host.modalities.image;
    const [, most, ...tile] = pixels.shape;
    expect(features.pixelValues.shape).toEqual([rows.length, most, ...tile]);
    const size = pixels.data.length / pixels.shape[0];
    rows.forEach((row, index) => {
      // Both are float32 of the same bytes, rescaled and normalised.
      const own = features.pixelValues.data.subarray(index * size, (index + 1) * size);
      const theirs = (pixels.data as Float32Array).subarray(row * size, (row + 1) * size);
      expect(Math.max(...own.map((value, at) => Math.abs(value - theirs[at])))).toBeLessThan(1e-6);
    });
    const batch = uploadBatch(host);
    await expected.close();
    await expectJointSequences(model, batch, folder);
    model.dispose();
  });

  itContinuesDocuments(folder, samplesOf);
});

describe('Idefics3', () => {
  it('learns through what brings pictures in alone, and is saved and loaded', async () => {
    const { model } = await loadPretrained(visionLanguageModels, tiles);
    const before = await readParameters(model);
    const asked = (await samplesOf(tiles)).slice(0, 2);
    const data = asked.map((sample) => ({ ...sample, targets: { text: ' dog' } }));
    await train(model, { data, train: ['fusion'], epochs: 2, batchSize: 2, learningRate: 0.01 });
    const after = await readParameters(model);
    const changed = [...before.keys()].filter(
      (path) => !Buffer.from(before.get(path)!.data.buffer).equals(Buffer.from(after.get(path)!.data.buffer)),
    );
    expect(changed).toEqual(['fusion.projectors.image.linear1.weight']);
    const kept = join(directory, 'kept');
    await saveModel(model, kept);
    const again = await loadModel(visionLanguageRegistry, kept);
    expect(await again.prepare(asked[0])).toEqual(await model.prepare(asked[0])); // with what it writes around pictures
    expect(await textsOf(again, asked)).toEqual(await textsOf(model, asked));
    for (const own of [model, again]) own.dispose();
  });

  it('is one file for documents with any number of tiles', async () => {
    const { model } = await loadPretrained(visionLanguageModels, tiles);
    const [one, , , seven] = await samplesOf(tiles);
    const { run, inputs, dynamicAxes } = await model.signature(one);
    const path = join(directory, 'tiles.onnx');
    const traced = inputs([await model.prepare(one)]);
    await exportOnnx(run, traced, { path, dynamicAxes });
    const worker = await createInferenceWorker(path);
    const asked = inputs([await model.prepare(seven)]);
    const feeds = Object.entries(asked).map(([name, tensor]) => {
      return [name, { data: tensor.dataSync() as Float32Array | Int32Array, shape: tensor.shape }] as const;
    });
    const { 'text/logits': received } = await worker.run(Object.fromEntries(feeds));
    await worker.close();
    const ours = run(asked)['text/logits'];
    expect(received.shape).toEqual(ours.shape);
    const expected = ours.dataSync();
    const off = Array.from(received.data as Float32Array, (value, at) => Math.abs(value - expected[at]));
    expect(off.reduce((most, each) => Math.max(most, each), 0)).toBeLessThan(1e-4);
    tf.dispose([traced, asked]);
    model.dispose();
  });

  it('names the sample whose placeholders and pictures are not the same number', async () => {
    const { model } = await loadPretrained(visionLanguageModels, tiles);
    const [one, none] = await samplesOf(tiles);
    const [{ image }] = (one.text as { image: unknown }[]).filter((part) => 'image' in part);
    const refused = (bad: Sample) => model.predict([none, bad]).catch((error) => error);
    const written = await refused({ text: [{ text: 'what is <image>?' }, { image }] });
    expect(SampleError.isInstance(written)).toBe(true);
    expect(written.message).toMatch(/^sample 1.*<image>/);
    const beside = await refused({ text: [{ text: 'what?' }, { image }], image });
    expect(beside.message).toMatch(/^sample 1, image: expected no value of its own, since a document has one/);
    expect(await textsOf(model, [{ text: [{ text: 'User: how many dogs?\n\nAssistant:' }, { image: null }] }])).toEqual(
      await textsOf(model, [none]),
    );
    model.dispose();
  });

  it('has as many tokens of a picture that is nothing but zeros as of any', async () => {
    const { model } = await loadPretrained(visionLanguageModels, tiles);
    const [sample] = await samplesOf(tiles);
    const prepared = await model.prepare(sample);
    const { pixelValues } = prepared.features.image;
    const black = { ...prepared.features.image, pixelValues: { ...pixelValues, data: pixelValues.data.map(() => 0) } };
    const owners = (features: typeof prepared.features) => {
      const { fused } = model.forward(uploadBatch(model.collate([{ ...prepared, features }])), inferenceContext());
      return fused.owner!.map.arraySync();
    };
    expect(owners({ ...prepared.features, image: black })).toEqual(owners(prepared.features));
    model.dispose();
  });

  it('refuses more tiles than there are positions for before any is encoded, and cuts no picture', async () => {
    const { model } = await loadPretrained(visionLanguageModels, tiles);
    const [{ text }] = await samplesOf(tiles);
    const [picture] = (text as object[]).filter((part) => 'image' in part);
    const many = Array.from({ length: 43 }, () => picture); // of three tiles each
    const error = await model
      .predict([{ text: 'no picture' }, { text: [{ text: 'how many?' }, ...many] }])
      .catch((e) => e);
    expect(SampleError.isInstance(error)).toBe(true);
    expect(error.message).toMatch(/^sample 1, text, part 43: expected at most 128 values, each piece .* received 129/);
    // Its tokenizer cuts the beginning.
    const words = { text: 'what is it? '.repeat(200) };
    const long = await model.predict([{ text: [picture, words] }]).catch((e) => e);
    expect(SampleError.isInstance(long)).toBe(true);
    expect(long.message).toMatch(/^sample 0, text, part 0: expected a document of at most 512 tokens/);
    const full = await model.predict([{ text: [words, picture] }]).catch((e) => e);
    expect(SampleError.isInstance(full)).toBe(true);
    // 512 with a placeholder for each tile, all three of which are there, of four tokens each.
    expect(full.message).toMatch(
      /^sample 0: expected at most 512 tokens, .* received 521: 509 of "text", 12 of "image"/,
    );
    model.dispose();
  });
});
