import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { readParameters } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { visionFamilies } from '@polymodal/encoder-vision/pretrained';
import { createFromConfig, loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePictureDocuments } from '../testing/describe-picture-documents';
import { pictureFolder } from '../testing/picture-documents';
import { visionLanguageModels, visionLanguageRegistry } from '../vision-language';

registerOnnxBackend();

const folders = ['resampled', 'tied-vectors'].map((name) => pictureFolder(`idefics/${name}`));
const directory = mkdtempSync(join(tmpdir(), 'polymodal-idefics-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe.each(['cpu', 'onnx'])('Idefics on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe.each(folders.map((folder) => [basename(folder), folder]))('%s', (_, folder) => {
    describePictureDocuments(folder);

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
