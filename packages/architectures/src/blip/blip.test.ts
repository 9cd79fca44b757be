import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { disposeBatch, inferenceContext, type Model, meanLoss, uploadBatch } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { visionFamilies } from '@polymodal/encoder-vision/pretrained';
import { loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { captionFamilies, captionRegistry } from '../captions';

registerOnnxBackend();

const directory = mkdtempSync(join(tmpdir(), 'polymodal-blip-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('BLIP', () => {
  const folder = fileURLToPath(new URL('../../fixtures/blip', import.meta.url));
  /** What tools/parity/blip.py had Python compute. */
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
    readonly size: number;
    readonly pixels: number[][];
    readonly captions: string[];
    readonly loss: number;
    readonly states: number[][][];
    readonly pooled: number[][];
    readonly greedy: number[][];
    readonly beams: number[][];
    readonly answers: string[];
  };
  const { size: side } = expected;
  const pictures = expected.pixels.map((data) => ({
    image: { data: Uint8Array.from(data), width: side, height: side, channels: 3 },
  }));
  const load = async (backend: string): Promise<Model> => {
    await tf.setBackend(backend);
    return (await loadPretrained(captionFamilies, folder)).model;
  };

  it.each(['cpu', 'onnx'])('computes and learns as Python on %s', async (backend) => {
    const model = await load(backend);
    const samples = pictures.map((own, row) => ({ ...own, targets: { text: expected.captions[row] } }));
    const prepared = await Promise.all(samples.map((sample) => model.prepare(sample)));
    const batch = uploadBatch(model.collate(prepared));
    const [tokens, pooled] = tf.tidy(() => {
      const encoded = model.encoders.image.encode(batch.modalities.image, inferenceContext());
      return [encoded.tokens, encoded.pooled!];
    });
    expect(largest(await tokens.data(), expected.states.flat(2))).toBeLessThan(1e-4);
    expect(largest(await pooled.data(), expected.pooled.flat())).toBeLessThan(1e-4);
    const parameters = [...model.parameters().values()];
    const { value, grads } = tf.variableGrads(
      () => meanLoss(model.losses(batch, inferenceContext()).text),
      parameters.map((parameter) => parameter.value as tf.Variable),
    );
    expect((await value.data())[0]).toBeCloseTo(expected.loss, 4);
    for (const parameter of parameters) {
      parameter.assignValues(Float32Array.from(await grads[parameter.value.name].data()));
    }
    const saved = join(directory, `${backend}-gradients`);
    await savePretrained(pretrainedWhole(captionFamilies, model), saved);
    const [ours, python] = [await openCheckpoint(saved), await openCheckpoint(join(folder, 'gradients.safetensors'))];
    for (const own of python.names) {
      const [mine, theirs] = [(await ours.read(own)).data, (await python.read(own)).data];
      expect([own, largest(mine, theirs) < 1e-3]).toEqual([own, true]);
    }
    await ours.close();
    await python.close();
    disposeBatch(batch);
    model.dispose();
  });

  it('writes what Python writes, greedily and by beams', async () => {
    const model = await load('onnx');
    const written = async (options: object) =>
      (await model.predict(pictures, { heads: { text: { maxNewTokens: 9, ...options } } })) as unknown as {
        readonly text: { readonly ids: number[]; readonly text: string };
      }[];
    const greedy = await written({});
    expect(greedy.map(({ text }) => [...text.ids])).toEqual(expected.greedy);
    expect(greedy.map(({ text }) => text.text)).toEqual(expected.answers);
    const beams = await written({ numBeams: 3 });
    expect(beams.map(({ text }) => [...text.ids])).toEqual(expected.beams);
    model.dispose();
  });

  it.each(['bos_token_id', 'sep_token_id'])('refuses as %s what is no token', async (name) => {
    const changed = join(directory, name);
    cpSync(folder, changed, { recursive: true });
    const config = JSON.parse(readFileSync(join(changed, 'config.json'), 'utf8'));
    const { vocab_size: size } = config.text_config;
    config.text_config[name] = size;
    writeFileSync(join(changed, 'config.json'), JSON.stringify(config));
    const loaded = loadPretrained(captionFamilies, changed);
    await expect(loaded).rejects.toThrow(`text_config.${name}: expected an id below vocab_size, ${size}, received`);
  });

  it('goes back to the same checkpoint, also after saving and loading; its tower is one by itself', async () => {
    const model = await load('cpu');
    const [kept, back] = ['kept', 'back'].map((own) => join(directory, own));
    await saveModel(model, kept);
    const again = await loadModel(captionRegistry, kept);
    await savePretrained(pretrainedWhole(captionFamilies, again), back);
    const [before, after] = [await openCheckpoint(folder), await openCheckpoint(back)];
    expect([...after.names].sort()).toEqual([...before.names].sort());
    for (const own of before.names) expect(await after.read(own)).toEqual(await before.read(own));
    await before.close();
    await after.close();
    const { model: tower } = await loadPretrained(visionFamilies, folder);
    expect(tower.parameters().size).toBe(model.encoders.image.parameters().size);
    for (const own of [tower, again, model]) own.dispose();
  });
});

function largest(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(values.length).toBe(expected.length);
  return Array.from(values).reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index])), 0);
}
