import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, inferenceContext, RandomKey } from '@polymodal/core';
import { loadPretrained } from '@polymodal/hub';
import { type PerAxis, perAxis } from '@polymodal/nn';
import { expectDropout } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { visionFamilies } from '.';

const fixtures = fileURLToPath(new URL('../../fixtures/families', import.meta.url));
const picture = { data: new Uint8Array(50 * 40 * 3), width: 50, height: 40, channels: 3 as const };

async function adjusted(fixture: string, preprocessor: object, adjust: Record<string, unknown>, shown = picture) {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-vision-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(fixtures, fixture), folder, { recursive: true });
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  const loaded = await loadPretrained(visionFamilies, folder, { adjust });
  const { pixelValues } = await loaded.processor!.process(shown);
  const saved = JSON.parse(new TextDecoder().decode(loaded.contents.get('preprocessor_config.json')));
  return { loaded, pixelValues, shape: pixelValues.shape, saved };
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

it('tells of pictures of another size than the model has positions for, unless that is asked for', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => warned.mockRestore());
  const other = { size: { height: 24, width: 24 } };
  const { config } = (await adjusted('vit/pooler', other, { imageSize: 20 })).loaded;
  const [height, width] = perAxis(config.imageSize as PerAxis);
  for (const fixture of ['dinov2/oblong', 'swin/plain']) await adjusted(fixture, other, {}); // Python interpolates or needs not
  await adjusted('vit/pooler', { size: { height, width } }, {});
  await adjusted('vit/pooler', { do_resize: false }, {});
  expect(warned).not.toHaveBeenCalled();
  await adjusted('vit/pooler', other, {});
  const [message, options] = warned.mock.calls[0] as unknown as [string, object];
  expect(message).toContain(`pictures of 24 × 24 pixels, and its model has positions for ${height} × ${width}`);
  expect(options).toMatchObject({ code: 'POLYMODAL_INTERPOLATED' });
  await adjusted('clip-vision/plain-older', { size: { shortest_edge: 99 }, crop_size: 99 }, {});
  expect(warned).toHaveBeenCalledTimes(2);
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

it('names a size of patches that config.json cannot have', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-vision-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(fixtures, 'vit/pooler'), folder, { recursive: true });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, patch_size: 'large' }));
  const error = await loadPretrained(visionFamilies, folder, { adjust: { imageSize: 8 } }).catch((error) => error);
  expect(ConfigError.isInstance(error)).toBe(true);
  expect(error.message).toContain('patch_size');
});

interface Output {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

// Made by tools/parity/slot_options.py with Python's `from_pretrained` and image processors.
const options = JSON.parse(readFileSync(join(fixtures, '../options.json'), 'utf8')) as {
  picture: { width: number; height: number };
  cases: {
    fixture: string;
    processor: object;
    adjust: Record<string, unknown>;
    config: object;
    tokens: Output;
    pooled?: Output;
  }[];
  rates: { fixture: string; option: string; names: string[] }[];
};
const size = options.picture.width * options.picture.height * 3;
const speckled = { ...options.picture, data: Uint8Array.from({ length: size }, (_, at) => (at * 7919) % 251) };

function expectOutput(computed: tf.Tensor, expected: Output): void {
  expect(computed.shape).toEqual(expected.shape);
  const values = computed.dataSync();
  const errors = expected.values.map((value, at) => Math.abs(value - values[at]) / (1 + Math.abs(value)));
  expect(Math.max(...errors)).toBeLessThan(1e-4); // float32 through two layers
}

it.each(options.cases)('$fixture with $adjust computes what Python does', async (given) => {
  const { fixture, processor, adjust, config, tokens, pooled } = given;
  const { loaded, pixelValues } = await adjusted(fixture, processor, adjust, { ...speckled, channels: 3 });
  expect(loaded.configFile).toMatchObject(config);
  const features = { pixelValues: tf.tensor(pixelValues.data, [1, ...pixelValues.shape]) };
  const computed = loaded.model.encode({ rows: Int32Array.of(0), features }, inferenceContext());
  expectOutput(computed.tokens, tokens);
  if (pooled) expectOutput(computed.pooled, pooled);
  loaded.model.dispose();
});

it.each(options.rates)('$option of $fixture is the rate that Python drops with', async ({ fixture, option, names }) => {
  const others = options.rates.filter((rate) => rate.fixture === fixture);
  const none = Object.fromEntries(others.map((rate) => [rate.option, 0]));
  const pixels = tf.tensor(RandomKey.from(1).normal(2 * 16 * 16 * 3), [2, 16, 16, 3]);
  await expectDropout(
    async (rate) => {
      const adjust = { ...none, [option]: rate };
      const { model, configFile } = await loadPretrained(visionFamilies, join(fixtures, fixture), { adjust });
      expect(configFile).toMatchObject(Object.fromEntries(names.map((name) => [name, rate])));
      return model;
    },
    { rows: Int32Array.of(0, 1), features: { pixelValues: pixels } },
  );
});
