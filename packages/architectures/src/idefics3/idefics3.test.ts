import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const folders = ['tiles', 'whole-tied'].map((name) => pictureFolder(`idefics3/${name}`));
const [tiles, whole] = folders;
const directory = mkdtempSync(join(tmpdir(), 'polymodal-idefics3-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe.each([
  ['cpu', [whole]], // tiles take it long
  ['onnx', folders],
] as const)('Idefics3 on %s', (backend, chosen) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe.each(chosen.map((folder) => [basename(folder), folder]))('%s', (_, folder) => {
    describePictureDocuments(folder);
  });
});

describe('Idefics3', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(folders.map((folder) => [basename(folder), folder]))(
    'goes back to a checkpoint with the same values and files, also after saving and loading: %s',
    async (_, folder) => {
      const loaded = await loadPretrained(visionLanguageModels, folder);
      const [kept, back] = ['kept', 'back'].map((name) => join(directory, `${basename(folder)}-${name}`));
      await saveModel(loaded.model, kept);
      const again = await loadModel(visionLanguageRegistry, kept);
      await savePretrained(pretrainedWhole(visionLanguageModels, again), back);
      const [before, after] = await Promise.all([folder, back].map((path) => openCheckpoint(path)));
      expect([...after.names].sort()).toEqual([...before.names].sort());
      for (const name of before.names) expect(await after.read(name)).toEqual(await before.read(name));
      await before.close();
      await after.close();
      for (const file of ['processor_config.json', 'tokenizer.json', 'generation_config.json']) {
        expect(readFileSync(join(back, file))).toEqual(readFileSync(join(folder, file)));
      }
      again.dispose();
      loaded.model.dispose();
    },
  );

  it.each(folders)('has parts that are loaded by themselves, and saved as what they are: %#', async (folder) => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const values = await readParameters(model);
    for (const [slot, families] of [
      ['text', textFamilies],
      ['image.each', visionFamilies],
    ] as const) {
      const part = await loadPretrained<(typeof families)[number]>(families, folder);
      const own = await readParameters(part.model);
      expect(own.size).toBeGreaterThan(0);
      for (const [path, { data }] of own) expect(data).toEqual(values.get(`encoders.${slot}.${path}`)!.data);
      const alone = join(directory, `${basename(folder)}-${slot}`);
      await savePretrained(part, alone);
      const { configFile } = await loadPretrained<(typeof families)[number]>(families, alone);
      const ofFolder = folder === tiles ? 'idefics3_vision' : 'smolvlm_vision';
      expect(configFile.model_type).toBe(slot === 'text' ? 'llama' : ofFolder);
      part.model.dispose();
    }
    model.dispose();
  });

  const sizes = { hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };
  const grid = { image_size: 16, patch_size: 2 };
  const make = (options: object) => () =>
    createFromConfig(visionLanguageModels, {
      model_type: 'smolvlm',
      text_config: { ...sizes, model_type: 'llama', vocab_size: 40 },
      vision_config: { ...sizes, ...grid },
      ...options,
    });

  it.each([
    [{ scale_factor: 3 }, /scale_factor: expected a divisor of the 8 patches a side/],
    [{ scale_factor: 0 }, /scale_factor/],
    [{ text_config: { model_type: 'mistral' } }, /text_config.model_type/],
    [{ vision_config: { ...sizes, image_size: [8, 16], patch_size: 2 } }, /vision_config.image_size/],
    [{ vision_config: { ...sizes, ...grid, hidden_act: 'tanhshrink' } }, /hidden_act/],
    [{ vision_config: { ...sizes, ...grid, model_type: 'siglip_vision_model' } }, /model_type/],
    [{ scale_facter: 2 }, /"scale_facter".*Did you mean "scale_factor"/],
  ])('refuses %j', (options, message) => {
    expect(make(options)).toThrow(message);
  });

  it('refuses a folder whose processor counts other tokens a tile than its model has', async () => {
    const other = join(directory, 'other-count');
    cpSync(whole, other, { recursive: true });
    const processor = JSON.parse(readFileSync(join(other, 'processor_config.json'), 'utf8'));
    writeFileSync(join(other, 'processor_config.json'), JSON.stringify({ ...processor, image_seq_len: 8 }));
    await expect(loadPretrained(visionLanguageModels, other)).rejects.toThrow(
      /processor_config.json, image_seq_len: expected 9, as many tokens .* received 8/,
    );
  });

  it('takes as many tiles a sample as its language model has positions for', () => {
    const mostOf = (options: object) => {
      const { model } = make(options)();
      const { image } = model.config.encoders as unknown as Record<string, { several: { most: number } }>;
      model.dispose();
      return image.several.most;
    };
    expect(mostOf({})).toBe(2048 / 16);
    expect(mostOf({ scale_factor: 8 })).toBe(1024);
  });
});
