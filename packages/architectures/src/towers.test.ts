import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inferenceContext, type ModalityBatch, UnknownNameError } from '@polymodal/core';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { visionFamilies } from '@polymodal/encoder-vision/pretrained';
import { loadPretrained, openCheckpoint, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clip, imageTextFamilies } from './image-text';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/families/${name}`, import.meta.url));

const rows = Int32Array.of(0, 1);
const features = {
  image: (channels: number) => ({ pixelValues: tf.randomNormal([2, 12, 12, channels], 0, 1, 'float32', 1) }),
  text: () => ({
    inputIds: tf.tensor2d(
      [
        [28, 4, 29],
        [28, 5, 30],
      ],
      [2, 3],
      'int32',
    ),
    mask: tf.ones([2, 3]),
  }),
};

const families = { image: visionFamilies, text: textFamilies };

/** `model_type` of a tower by itself, and the class of Python that loads it. */
const towers = [
  ['clip/padded-three-of-each', 'image', 'clip_vision_model', 'CLIPVisionModel'],
  ['clip/padded-three-of-each', 'text', 'clip_text_model', 'CLIPTextModel'],
  ['clip/largest-id-grey-older-f16', 'image', 'clip_vision_model', 'CLIPVisionModel'],
  ['clip/largest-id-grey-older-f16', 'text', 'clip_text_model', 'CLIPTextModel'],
  ['siglip/filled-up-two-of-each', 'image', 'siglip_vision_model', 'SiglipVisionModel'],
  ['siglip/filled-up-two-of-each', 'text', 'siglip_text_model', 'SiglipTextModel'],
] as const;

describe.each(towers)('out of the checkpoint "%s" the tower of %ss', (name, modality, modelType, architecture) => {
  const loadTower = (source: string) =>
    loadPretrained<(typeof families)[typeof modality][number]>(families[modality], source);

  it('is that of the whole', async () => {
    const tower = await loadTower(fixture(name));
    const whole = await loadPretrained(imageTextFamilies, fixture(name));
    const batch: ModalityBatch = { rows, features: features[modality](channelsOf(whole.configFile)) };
    const [alone, within] = [tower.model, whole.model.encoders[modality]].map((encoder) =>
      encoder.encode(batch, inferenceContext()),
    );
    expect(await alone.tokens.data()).toEqual(await within.tokens.data());
    expect(await alone.pooled.data()).toEqual(await within.pooled.data());
  });

  it('is saved alone, for the class of Python that has it alone, and loaded again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polymodal-tower-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const tower = await loadTower(fixture(name));
    await savePretrained(tower, folder);
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ model_type: modelType, architectures: [architecture] });
    const checkpoint = await openCheckpoint(folder);
    await checkpoint.close();
    expect(checkpoint.names.filter((key) => /_model\.|_projection\.|^logit/.test(key))).toEqual([]);
    const again = await loadTower(folder);
    const batch = { rows, features: features[modality](channelsOf(config)) };
    const [before, after] = [tower.model, again.model].map((encoder) => encoder.encode(batch, inferenceContext()));
    expect(await after.pooled.data()).toEqual(await before.pooled.data());
  });
});

function channelsOf(config: Record<string, unknown>): number {
  const vision = (config.vision_config ?? config) as { readonly num_channels?: number };
  return vision.num_channels ?? 3;
}

it('a whole is not taken out of a tower', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-tower-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await savePretrained(await loadPretrained(visionFamilies, fixture('clip/padded-three-of-each')), folder);
  await expect(loadPretrained([clip], folder)).rejects.toThrow(UnknownNameError);
});
