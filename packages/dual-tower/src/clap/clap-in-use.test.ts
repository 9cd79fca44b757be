import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { createRegistry, disposeBatch, inferenceContext, readParameters, uploadBatch } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { audioFamilies, pretrainedAudio } from '@polymodal/encoder-audio/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { composePretrained, loadPretrained, pretrainedPart, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { clap } from '.';

const fixtures = fileURLToPath(new URL('../../fixtures/clap/', import.meta.url));
const from = `${fixtures}fused`;
const recordings = ['long-chirp', 'short-noise', 'one-second'].map((name) => `${fixtures}${name}.wav`);
const texts = ['a tone that rises', 'noise', 'one note'];

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-clap-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function pairs({ processor }: Awaited<ReturnType<typeof load>>) {
  const sounds = await Promise.all(recordings.map((file) => processor.audio!.process(file, { training: false })));
  const rows = Int32Array.of(0, 1, 2);
  return uploadBatch({
    size: 3,
    modalities: {
      audio: { rows, features: processor.audio!.collate(sounds) },
      text: { rows, features: processor.text!.collate(texts.map((each) => processor.text!.process(each))) },
    },
    targets: {},
  });
}

const load = (folder = from) => loadPretrained([clap], folder);

it('learns which text belongs to which recording, and leaves its running statistics as they are', async () => {
  const loaded = await load(`${fixtures}unfused`);
  const { model } = loaded;
  const batch = await pairs(loaded);
  const inputs = { audio: batch.modalities.audio, text: batch.modalities.text };
  const before = await readParameters(model);
  const parameters = [...model.parameters()];
  const trained = parameters.flatMap(([, { trainable, value }]) => (trainable ? [value as tf.Variable] : []));
  const optimizer = tf.train.adam(0.005);
  const losses: number[] = [];
  const context = inferenceContext(); // dropout drowns so small a model
  for (let step = 0; step < 20; step++) {
    const loss = optimizer.minimize(() => model.loss(model.forward(inputs, context)), true, trained);
    losses.push((await loss!.data())[0]);
  }
  expect(losses[0]).toBeGreaterThan(Math.log(3)); // of three texts by chance
  expect(losses.at(-1)).toBeLessThan(0.8 * Math.log(3));
  const after = await readParameters(model);
  const unchanged = parameters.flatMap(([path]) => {
    const [{ data: old }, { data: now }] = [before.get(path)!, after.get(path)!];
    return now.every((value, index) => value === old[index]) ? [path] : [];
  });
  const buffers = parameters.flatMap(([path, { trainable }]) => (trainable ? [] : [path]));
  expect(buffers.filter((path) => path.includes('batchNorm'))).toHaveLength(3);
  expect(unchanged).toEqual(expect.arrayContaining(buffers));
  expect(unchanged).not.toContain('textLogitScale');

  const folder = temporaryFolder();
  await savePretrained(loaded, folder);
  expect(await readParameters((await loadPretrained([clap], folder)).model)).toEqual(after);
  disposeBatch(batch);
  optimizer.dispose();
});

it('lends its audio tower to a composed model, and gets it back', async () => {
  const composed = await composePretrained(createRegistry([audio, pretrainedAudio, fusion, heads]), {
    hiddenSize: 16,
    encoders: { audio: { use: 'pretrained-audio', from } },
    fusion: { use: 'mean' },
    heads: { sound: { use: 'classification', labels: ['chirp', 'noise'] } },
  });
  const [{ sound }] = await composed.predict([{ audio: recordings[0] }]);
  expect(sound).toMatchObject({ label: expect.stringMatching(/chirp|noise/) });

  const whole = await load();
  const batch = await pairs(whole);
  const [lent, own] = [composed, whole.model].map(({ encoders }) =>
    encoders.audio.encode(batch.modalities.audio, inferenceContext()).pooled.dataSync(),
  );
  expect(lent).toEqual(own);
  disposeBatch(batch);

  const folder = temporaryFolder();
  await savePretrained(pretrainedPart(composed, 'audio'), folder);
  const alone = await loadPretrained(audioFamilies, folder);
  expect(alone.configFile).toMatchObject({ model_type: 'clap_audio_model', architectures: ['ClapAudioModel'] });
  expect(await readParameters(alone.model)).toEqual(await readParameters(composed.encoders.audio));
});
