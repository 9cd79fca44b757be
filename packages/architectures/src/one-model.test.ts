import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInferenceWorker, exportOnnx, registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  createRegistry,
  disposeBatch,
  inferenceContext,
  type Model,
  meanLoss,
  readParameters,
  type Sample,
  uploadBatch,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { audio } from '@polymodal/encoder-audio';
import { audioFamilies, pretrainedAudio } from '@polymodal/encoder-audio/pretrained';
import { fusion } from '@polymodal/fusion';
import { type Embeddings, heads } from '@polymodal/heads';
import { composePretrained, loadPretrained, pretrainedPart, pretrainedWhole, savePretrained } from '@polymodal/hub';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { audioTextFamilies, audioTextRegistry } from './audio-text';
import { imageTextFamilies, imageTextRegistry } from './image-text';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const [photograph, drawing, turned] = ['photograph.jpg', 'drawing.png', 'turned-6.jpg'].map(
  (name) => `${fixtures}zero-shot/${name}`,
);
const [chirp, noise, tone] = ['long-chirp', 'short-noise', 'one-second'].map((name) => `${fixtures}clap/${name}.wav`);
const pictures: Sample[] = [
  { image: photograph, text: 'a photo of a cat' },
  { image: drawing, text: 'a drawing of a house by the sea' },
  { image: turned, text: 'the number' },
];
const recordings: Sample[] = [
  { audio: chirp, text: 'a tone that rises' },
  { audio: noise, text: 'noise' },
  { audio: tone, text: 'one note' },
];
const families = [...imageTextFamilies, ...audioTextFamilies];

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-towers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function vectors(model: Model, samples: readonly Sample[]): Promise<Float32Array[]> {
  const answers = await model.predict(samples);
  return answers.flatMap(({ match }) => Object.values((match as Embeddings).embeddings));
}

/** Of all samples in one batch, without dropout. */
async function lossOf(model: Model, samples: readonly Sample[]): Promise<number> {
  const batch = uploadBatch(model.collate(await Promise.all(samples.map((sample) => model.prepare(sample)))));
  const loss = tf.tidy(() => meanLoss(model.losses(batch, inferenceContext()).match));
  const [value] = await loss.data();
  tf.dispose(loss);
  disposeBatch(batch);
  return value;
}

describe.each([
  { whole: 'zero-shot/clip', registry: imageTextRegistry, samples: pictures, architecture: 'CLIPModel' },
  { whole: 'zero-shot/siglip', registry: imageTextRegistry, samples: pictures, architecture: 'SiglipModel' },
  { whole: 'clap/unfused', registry: audioTextRegistry, samples: recordings, architecture: 'ClapModel' },
])('$architecture is one model, which', ({ whole, registry, samples, architecture }) => {
  const load = (folder = fixtures + whole) => loadPretrained(families, folder);

  it('learns, is saved and loaded, and goes back whole to the layout that it came in', async () => {
    const { model, configFile } = await load();
    const before = await readParameters(model);
    const first = await lossOf(model, samples);
    await train(model, {
      data: samples,
      epochs: 25,
      batchSize: 3,
      learningRate: 0.003,
      schedule: 'constant',
      progress: false,
    });
    expect(await lossOf(model, samples)).toBeLessThan(0.9 * first);
    const learned = await readParameters(model);
    const unchanged = [...learned].filter(([path, { data }]) =>
      data.every((value, index) => value === before.get(path)!.data[index]),
    );
    const buffers = [...model.parameters()].flatMap(([path, { trainable }]) => (trainable ? [] : [path]));
    expect(unchanged.map(([path]) => path)).toEqual(expect.arrayContaining(buffers));
    expect(unchanged.map(([path]) => path).filter((path) => /^heads|\.query\.weight/.test(path))).toEqual([]);

    const folder = temporaryFolder();
    await saveModel(model, join(folder, 'ours'));
    const again = await loadModel(registry, join(folder, 'ours'));
    expect(await vectors(again, samples)).toEqual(await vectors(model, samples));

    await savePretrained(pretrainedWhole(families, again), join(folder, 'theirs'));
    const back = await load(join(folder, 'theirs'));
    expect(back.configFile).toMatchObject({ ...configFile, architectures: [architecture] });
    expect(await readParameters(back.model)).toEqual(learned);
    expect(await vectors(back.model, samples)).toEqual(await vectors(model, samples));
  });

  it('is exported tower by tower, for any number of rows and lengths, as functions of named tensors', async () => {
    const { model } = await load();
    for (const modality of Object.keys(samples[0])) {
      const prepared = await Promise.all(samples.map((sample) => model.prepare({ [modality]: sample[modality] })));
      const { run, inputs, dynamicAxes } = await model.signature({ [modality]: samples[0][modality] });
      const path = join(temporaryFolder(), `${modality}.onnx`);
      await exportOnnx(run, inputs(prepared), { path, dynamicAxes });
      const two = Object.entries(inputs(prepared)).map(([name, tensor]) => [name, tf.slice(tensor, 0, 2)] as const);
      const feeds = two.map(([name, tensor]) => [name, { data: tensor.dataSync(), shape: tensor.shape }] as const);
      const worker = await createInferenceWorker(path);
      const { [`match/${modality}`]: output } = await worker.run(Object.fromEntries(feeds));
      await worker.close();
      const expected = run(Object.fromEntries(two))[`match/${modality}`];
      expect(output.shape).toEqual(expected.shape);
      const difference = tf.max(tf.abs(tf.sub(tf.tensor(output.data as Float32Array, expected.shape), expected)));
      expect(difference.dataSync()[0]).toBeLessThan(1e-5);
    }
  });
});

it('lends a tower to a composed model, and gets it back', async () => {
  const from = `${fixtures}clap/fused`;
  const composed = await composePretrained(createRegistry([audio, pretrainedAudio, fusion, heads]), {
    hiddenSize: 16,
    encoders: { audio: { use: 'pretrained-audio', from } },
    fusion: { use: 'mean' },
    heads: { sound: { use: 'classification', labels: ['chirp', 'noise'] } },
  });
  const [{ sound }] = await composed.predict([{ audio: chirp }]);
  expect(sound).toMatchObject({ label: expect.stringMatching(/chirp|noise/) });
  const folder = temporaryFolder();
  await savePretrained(pretrainedPart(composed, 'audio'), folder);
  const alone = await loadPretrained(audioFamilies, folder);
  expect(alone.configFile).toMatchObject({ model_type: 'clap_audio_model', architectures: ['ClapAudioModel'] });
  expect(await readParameters(alone.model)).toEqual(await readParameters(composed.encoders.audio));
});

it('gives its head to a model with other heads, which then embeds as it does', async () => {
  const from = `${fixtures}zero-shot/clip`;
  const model = await composePretrained(imageTextRegistry, {
    hiddenSize: 6,
    encoders: { image: { use: 'pretrained-image', from }, text: { use: 'pretrained-text', from } },
    fusion: { use: 'none' },
    heads: {
      match: { use: 'contrastive', embeddingSize: 6 },
      breed: { use: 'classification', labels: ['tabby', 'siamese'] },
    },
  });
  const whole = await loadPretrained(families, from);
  const own = model.heads.match.parameters();
  for (const [path, { value }] of whole.model.heads.match.parameters()) own.get(path)!.assign(value);
  const embedded = await model.predict(pictures, { heads: ['match'] });
  expect(embedded.flatMap(({ match }) => Object.values(match.embeddings))).toEqual(
    await vectors(whole.model, pictures),
  );
  const [{ breed }] = await model.predict([{ image: photograph }]);
  expect(breed.label).toMatch(/tabby|siamese/);
});

it('goes back whole only as it came', async () => {
  const from = `${fixtures}zero-shot/clip`;
  const config = {
    hiddenSize: 6,
    encoders: { image: { use: 'pretrained-image', from }, text: { use: 'pretrained-text', from } },
    fusion: { use: 'none' },
    heads: { match: { use: 'contrastive' } },
  } as const;
  const other = { ...config.encoders, text: { use: 'pretrained-text', from: `${fixtures}zero-shot/siglip` } } as const;
  const two = await composePretrained(imageTextRegistry, { ...config, encoders: other });
  expect(() => pretrainedWhole(families, two)).toThrow('encoders.image and encoders.text of two');
  const fewer = { ...config.encoders, text: { use: 'pretrained-text', from, numHiddenLayers: 1 } } as const;
  const cut = await composePretrained(imageTextRegistry, { ...config, encoders: fewer });
  expect(() => pretrainedWhole(families, cut)).toThrow('encoders.text with numHiddenLayers');
});
