import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { disposeBatch, inferenceContext, meanLoss, readParameters } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { visionFamilies } from '@polymodal/encoder-vision/pretrained';
import { createFromConfig, loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import { expectGradients } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentBatch, documentsOf, expectedOf, pictureFolder } from '../testing/picture-documents';
import { states, written } from '../testing/picture-states';
import { visionLanguageModels, visionLanguageRegistry } from '../vision-language';

registerOnnxBackend();

const folders = ['resampled', 'tied-vectors'].map((name) => pictureFolder(`idefics/${name}`));
const directory = mkdtempSync(join(tmpdir(), 'polymodal-idefics-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Of numbers of about 1 to 10, in float32 over a few layers. */
const tolerance = 1e-4;

describe.each(['cpu', 'onnx'])('Idefics on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe.each(folders.map((folder) => [basename(folder), folder]))('%s', (_, folder) => {
    it('gives the hidden states and logits of Python for documents with no, one and several pictures', async () => {
      const { model } = await loadPretrained(visionLanguageModels, folder);
      const batch = await documentBatch(folder);
      const { hidden, logits } = states(model, batch);
      const expected = await expectedOf(folder);
      for (const [index, state] of hidden.entries()) {
        await expectNear(state, (await expected.read(`hidden.${index}`)).data as Float32Array);
      }
      await expectNear(logits, (await expected.read('logits')).data as Float32Array);
      await expected.close();
      model.dispose();
    });

    it('gives a document alone what it gives among others', async () => {
      const { model } = await loadPretrained(visionLanguageModels, folder);
      const { prompts } = documentsOf(folder);
      const together = states(model, await documentBatch(folder)).logits;
      const [, length, width] = together.shape;
      for (const row of prompts.keys()) {
        const alone = states(model, await documentBatch(folder, { rows: [row] })).logits;
        const own = tf.slice(together, [row, length - alone.shape[1], 0], [1, alone.shape[1], width]);
        await expectNear(alone, await own.data<'float32'>(), 1e-5);
      }
      model.dispose();
    });

    it.each(['left', 'right'] as const)('continues documents as Python does, padded at the %s', async (side) => {
      const { model } = await loadPretrained(visionLanguageModels, folder);
      const { continuations } = documentsOf(folder);
      expect(await written(model, await documentBatch(folder, { side }), continuations[0].length)).toEqual(
        continuations,
      );
      const each = side === 'left' ? continuations : []; // once is enough
      for (const [row, continuation] of each.entries()) {
        const alone = await documentBatch(folder, { rows: [row], side });
        expect(await written(model, alone, continuation.length)).toEqual([continuation]);
      }
      model.dispose();
    });

    it('learns to answer with the loss and the gradients of Python', async () => {
      const loaded = await loadPretrained(visionLanguageModels, folder);
      const batch = await documentBatch(folder, { withAnswers: true });
      const loss = () => meanLoss(loaded.model.losses(batch, inferenceContext()).text);
      expect(Math.abs(tf.tidy(() => loss().dataSync()[0]) - documentsOf(folder).loss)).toBeLessThan(1e-5);
      const gradients = await openCheckpoint(join(folder, 'gradients.safetensors'));
      await expectGradients(loaded, loss, gradients, tolerance);
      await gradients.close();
      disposeBatch(batch);
      loaded.model.dispose();
    });

    it('goes back to the checkpoint that it came from, also after saving and loading', async () => {
      const loaded = await loadPretrained(visionLanguageModels, folder);
      const [kept, back] = ['kept', 'back'].map((name) => join(directory, `${basename(folder)}-${backend}-${name}`));
      await saveModel(loaded.model, kept);
      const again = await loadModel(visionLanguageRegistry, kept);
      await savePretrained(pretrainedWhole(visionLanguageModels, again), back);
      const [before, after] = await Promise.all([folder, back].map((path) => openCheckpoint(path)));
      expect([...after.names].sort()).toEqual([...before.names].sort());
      for (const name of before.names) expect(await after.read(name)).toEqual(await before.read(name));
      await before.close();
      await after.close();
      again.dispose();
      loaded.model.dispose();
    });

    it('has a language model and a vision tower that are taken out of it', async () => {
      const { model } = await loadPretrained(visionLanguageModels, folder);
      for (const [slot, families] of [
        ['text', textFamilies],
        ['image.each', visionFamilies],
      ] as const) {
        const part = await loadPretrained<(typeof families)[number]>(families, folder);
        const whole = await readParameters(model);
        for (const [path, { data }] of await readParameters(part.model)) {
          expect(data).toEqual(whole.get(`encoders.${slot}.${path}`)!.data);
        }
        part.model.dispose();
      }
      model.dispose();
    });
  });
});

describe('Idefics', () => {
  const settings = { model_type: 'idefics', vocab_size: 40, hidden_size: 8, intermediate_size: 8 };
  const layers = { num_hidden_layers: 4, num_attention_heads: 2, cross_layer_interval: 2 };
  const make = (options: object) => () =>
    createFromConfig(visionLanguageModels, {
      ...{
        ...settings,
        ...layers,
        vision_config: { embed_dim: 8, image_size: 8, patch_size: 4, num_hidden_layers: 1 },
      },
      ...options,
    });

  it('has as many parameters as Python counts, of the sizes of the published one too', () => {
    const { config, parameters } = JSON.parse(readFileSync(pictureFolder('idefics/large.json'), 'utf8'));
    const { model } = createFromConfig(visionLanguageModels, config);
    expect([...model.parameters().values()].reduce((sum, { size }) => sum + size, 0)).toBe(parameters);
  });

  it.each([
    [{ cross_layer_interval: 3 }, /cross_layer_interval: expected a divisor of the 4 layers, received 3/],
    [{ dropout: 0.1 }, /dropout: expected 0/],
    [{ alpha_type: 'matrix' }, /alpha_type/],
    [{ vision_config: { embed_dim: 8, hidden_act: 'tanhshrink' } }, /vision_config, hidden_act/],
    [{ rope_parameters: { rope_type: 'sideways' } }, /rope_parameters.ropeType/],
  ])('refuses %j', (options, message) => {
    expect(make(options)).toThrow(message);
  });
});

async function expectNear(actual: tf.Tensor, expected: Float32Array, within = tolerance): Promise<void> {
  const values = await actual.data<'float32'>();
  expect(values.length).toBe(expected.length);
  const off = values.map((value, index) => Math.abs(value - expected[index]));
  expect(off.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(within);
}
