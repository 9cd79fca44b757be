import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPretrained } from '@polymodal/hub';
import { expect, it, onTestFinished } from 'vitest';
import { visionFamilies } from '.';

const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));
const picture = { data: new Uint8Array(50 * 40 * 3), width: 50, height: 40, channels: 3 as const };

async function adjusted(fixture: string, preprocessor: object, adjust: Record<string, unknown>) {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-vision-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(fixtures, fixture), folder, { recursive: true });
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  const loaded = await loadPretrained(visionFamilies, folder, { adjust });
  const { pixelValues } = await loaded.processor!.process(picture);
  const saved = JSON.parse(new TextDecoder().decode(loaded.contents.get('preprocessor_config.json')));
  return { loaded, shape: pixelValues.shape, saved };
}

it('imageSize is that of the pictures, and of a larger one the same middle is cut out', async () => {
  const vit = await adjusted('vit/pooler', { size: { height: 8, width: 8 } }, { imageSize: [12, 20] });
  expect(vit.shape).toEqual([12, 20, 3]);
  expect(vit.saved).toEqual({ size: { height: 12, width: 20 } });
  const cropping = { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } };
  const dinov2 = await adjusted('dinov2/registers-larger', cropping, { imageSize: 112 });
  expect(dinov2.shape).toEqual([112, 112, 3]);
  expect(dinov2.saved).toEqual({ size: { shortest_edge: 128 }, crop_size: { height: 112, width: 112 } });
});

it('layers and rates stand in config.json under the names that the family has for them', async () => {
  const adjust = { numHiddenLayers: 1, hiddenDropout: 0.3, attentionDropout: 0.1 };
  const { loaded } = await adjusted('vit/pooler', { size: 8 }, adjust);
  expect(loaded.model.depth).toBe(1);
  expect(loaded.configFile).toMatchObject({
    num_hidden_layers: 1,
    hidden_dropout_prob: 0.3,
    attention_probs_dropout_prob: 0.1,
  });
});

it.each([
  ['swin/plain', { numHiddenLayers: 1 }, /^numHiddenLayers: expected an option that models of type "swin" have/],
  ['clip-vision/plain-older', { hiddenDropout: 0.1 }, /^hiddenDropout: .*"clip_vision_model" have/],
  ['vit/pooler', { imageSize: 1 }, /^imageSize: expected at least \d+ × \d+ pixels, a patch, received 1 × 1/],
  ['vit/pooler', { imageSiz: 8 }, /^imageSiz: .*Did you mean "imageSize"/],
])('%s refuses %j', async (fixture, adjust, message) => {
  await expect(adjusted(fixture, { size: 8 }, adjust)).rejects.toThrow(message);
});
