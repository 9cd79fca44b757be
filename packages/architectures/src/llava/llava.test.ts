import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { readParameters } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { visionFamilies } from '@polymodal/encoder-vision/pretrained';
import {
  createFromConfig,
  loadPretrained,
  openCheckpoint,
  pretrainedWhole,
  saveCheckpoint,
  savePretrained,
} from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePictureDocuments } from '../testing/describe-picture-documents';
import { pictureFolder } from '../testing/picture-documents';
import { visionLanguageModels, visionLanguageRegistry } from '../vision-language';

registerOnnxBackend();

const folders = ['llama', 'qwen2-tied'].map((name) => pictureFolder(`llava/${name}`));
const directory = mkdtempSync(join(tmpdir(), 'polymodal-llava-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe.each(['cpu', 'onnx'])('LLaVA on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe.each(folders.map((folder) => [basename(folder), folder]))('%s', (_, folder) => {
    describePictureDocuments(folder);
  });
});

describe('LLaVA', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(folders.map((folder) => [basename(folder), folder]))(
    'goes back to a checkpoint with the same values, also after saving and loading: %s',
    async (_, folder) => {
      const loaded = await loadPretrained(visionLanguageModels, folder);
      const [kept, back] = ['kept', 'back'].map((name) => join(directory, `${basename(folder)}-${name}`));
      await saveModel(loaded.model, kept);
      const again = await loadModel(visionLanguageRegistry, kept);
      await savePretrained(pretrainedWhole(visionLanguageModels, again), back);
      const [before, after] = await Promise.all([folder, back].map((path) => openCheckpoint(path)));
      expect([...after.names].sort()).toEqual(before.names.map(published).sort());
      for (const name of before.names) expect(await after.read(published(name))).toEqual(await before.read(name));
      await before.close();
      await after.close();
      again.dispose();
      loaded.model.dispose();
    },
  );

  it.each([
    ['as modules are called since transformers 4.52', modules],
    ['as transformers 5 saves it', (name: string) => name.replace('vision_model.', '')],
    ['as modules are called in transformers 5', (name: string) => modules(name).replace('vision_model.', '')],
  ])('is loaded from a checkpoint %s, and so are its parts', async (name, rename) => {
    const [folder] = folders;
    const arranged = join(directory, name.replaceAll(' ', '-'));
    const original = await loadPretrained(visionLanguageModels, folder);
    await savePretrained(original, arranged);
    const checkpoint = await openCheckpoint(folder);
    const tensors = new Map(
      checkpoint.names.map((own) => {
        const { shape, dtype } = checkpoint.info(own);
        return [rename(own), { shape, dtype, data: async () => (await checkpoint.read(own)).data }];
      }),
    );
    await saveCheckpoint(arranged, tensors);
    await checkpoint.close();
    const values = await readParameters(original.model);
    const loaded = await loadPretrained(visionLanguageModels, arranged);
    expect(await readParameters(loaded.model)).toEqual(values);
    for (const [slot, families] of [
      ['text', textFamilies],
      ['image.each', visionFamilies],
    ] as const) {
      const part = await loadPretrained<(typeof families)[number]>(families, arranged);
      for (const [path, { data }] of await readParameters(part.model)) {
        expect(data).toEqual(values.get(`encoders.${slot}.${path}`)!.data);
      }
      part.model.dispose();
    }
    loaded.model.dispose();
    original.model.dispose();
  });

  const sizes = { hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };
  const make = (options: object) => () =>
    createFromConfig(visionLanguageModels, {
      model_type: 'llava',
      text_config: { ...sizes, model_type: 'llama', vocab_size: 40 },
      vision_config: { ...sizes, num_hidden_layers: 3, image_size: 8, patch_size: 4 },
      ...options,
    });

  it.each([
    [{ vision_feature_layer: [-2, -5] }, /vision_feature_layer: expected one layer/],
    [{ vision_feature_layer: -5 }, /tokens.image.layer: expected from -4 to 3, as the encoder has 3 layers/],
    [{ vision_feature_select_strategy: 'cls' }, /vision_feature_select_strategy/],
    [{ projector_hidden_act: 'tanhshrink' }, /projector_hidden_act/],
    [{ text_config: { model_type: 'mistral' } }, /text_config.model_type/],
    [{ vision_config: { model_type: 'siglip_vision_model' } }, /vision_config.model_type/],
    [{ vision_config: { ...sizes, hidden_act: 'tanhshrink' } }, /vision_config, hidden_act/],
  ])('refuses %j', (options, message) => {
    expect(make(options)).toThrow(message);
  });

  it('is not taken apart as what it is not', () => {
    const config = { model_type: 'llava', text_config: { model_type: 'mistral' } };
    expect(() => createFromConfig(textFamilies, config)).toThrow(/model_type: expected a model of one of the given/);
  });
});

/** The name of a tensor in checkpoints of llava-hf. */
function published(name: string): string {
  return name
    .replace(/^model\.language_model\./, 'language_model.model.')
    .replace(/^model\./, '')
    .replace(/^lm_head/, 'language_model.lm_head')
    .replace(/^vision_tower\.(?!vision_model)/, 'vision_tower.vision_model.');
}

/** The name of such a tensor as the module is called since transformers 4.52. */
function modules(name: string): string {
  if (name.startsWith('language_model.lm_head')) return name.replace('language_model.', '');
  return `model.${name.replace('language_model.model.', 'language_model.')}`;
}
