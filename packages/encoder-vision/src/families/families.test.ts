import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inferenceContext, initialize, PolymodalError, RandomKey, trainingContext } from '@polymodal/core';
import { createFromConfig, type Family, loadPretrained, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { visionFamilies } from '.';
import { swin } from './swin';

const fixtures = fileURLToPath(new URL('../../fixtures/families', import.meta.url));
const sizes = { hidden_size: 8, num_hidden_layers: 3, num_attention_heads: 2, image_size: 8, patch_size: 4 };
const tower = { ...sizes, intermediate_size: 12 };
const configs = [
  { ...tower, model_type: 'vit' },
  { ...sizes, model_type: 'dinov2' },
  { ...sizes, model_type: 'dinov2_with_registers' },
  { ...tower, model_type: 'clip_vision_model' },
  { ...tower, model_type: 'siglip_vision_model' },
  {
    ...{ model_type: 'swin', embed_dim: 4, depths: [2, 2], num_heads: [1, 2], window_size: 2 },
    ...{ image_size: 16, patch_size: 2 },
  },
];

function create(config: { readonly model_type: string; readonly [option: string]: unknown }) {
  const { model } = createFromConfig<(typeof visionFamilies)[number]>(visionFamilies, config);
  initialize(model, RandomKey.from(1));
  return model;
}

function pictures(count: number, side: number) {
  const data = Float32Array.from({ length: count * side * side * 3 }, (_, at) => Math.sin(at * at));
  return { rows: Int32Array.from({ length: count }, (_, row) => row), data, shape: [count, side, side, 3] };
}

function batch({ rows, data, shape }: ReturnType<typeof pictures>) {
  return { rows, features: { pixelValues: tf.tensor(data, shape) } };
}

describe.each(configs)('$model_type', (config) => {
  const side = config.image_size;

  it('makes the same of a picture alone and among others', () => {
    const model = create(config);
    const three = pictures(3, side);
    const size = side * side * 3;
    const together = model.encode(batch(three), inferenceContext());
    const middle = { rows: Int32Array.of(1), data: three.data.slice(size, 2 * size), shape: [1, side, side, 3] };
    const alone = model.encode(batch(middle), inferenceContext());
    const difference = tf.max(tf.abs(tf.sub(tf.slice(together.tokens, [1, 0, 0], [1, -1, -1]), alone.tokens)));
    expect(difference.dataSync()[0]).toBeLessThan(1e-5); // float32 sums in another order
    expect(together.pooled.shape).toEqual([3, model.hiddenSize]);
    const vectors = model.encodePooled(batch(three), inferenceContext()); // of the last layer's class token alone, where it is that
    expect(tf.max(tf.abs(tf.sub(vectors, together.pooled))).dataSync()[0]).toBeLessThan(1e-5);
    expect(together.mask.shape).toEqual(together.tokens.shape.slice(0, 2));
    expect([...together.rows]).toEqual([0, 1, 2]);
    model.dispose();
  });

  it('draws dropout from the key of the step, in training alone', () => {
    const rates = { hidden_dropout_prob: 0.4, attention_probs_dropout_prob: 0.3 };
    const isTower = config.model_type.endsWith('_vision_model');
    const model = create({ ...config, ...(isTower ? { attention_dropout: 0.3 } : rates) });
    const run = (seed: number) =>
      model.encode(batch(pictures(2, side)), trainingContext(RandomKey.from(seed), model)).pooled.dataSync();
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    model.dispose();
  });

  it('passes over options that Python passes over too, and refuses misspelt ones with the nearest name', () => {
    create({ ...config, use_fancy_positions: true }).dispose();
    expect(() => create({ ...config, num_channel: 3 })).toThrow('"num_channel"');
  });

  it('takes a config in full, and refuses what would make it a decoder', () => {
    const full = {
      ...config,
      is_decoder: false,
      cross_attention_hidden_size: null,
      pruned_heads: {},
      id2label: { 0: 'a' },
    };
    expect(() => create(full)).not.toThrow();
    expect(() => create({ ...full, is_decoder: true })).toThrow('is_decoder');
  });

  it('refuses a value that an option cannot have, by name', () => {
    expect(() => create({ ...config, patch_size: 'large' })).toThrow('patch_size');
  });
});

describe('visionFamilies', () => {
  it('bring the image processor that stands beside a model', async () => {
    const { processor, model } = await loadPretrained(visionFamilies, join(fixtures, 'dinov2/oblong'));
    expect(processor?.recipe.fit([40, 30])).toMatchObject({ size: [21, 16], canvas: [12, 12] });
    const picture = { data: new Uint8Array(30 * 40 * 3), width: 40, height: 30, channels: 3 } as const;
    const { pixelValues } = processor!.collate([await processor!.process(picture)]);
    const features = { pixelValues: tf.tensor(pixelValues.data, [...pixelValues.shape]) };
    const { tokens } = model.encode({ rows: Int32Array.of(0), features }, inferenceContext());
    expect(tokens.shape).toEqual([1, 1 + 9, 12]);
    model.dispose();
  });

  it('bring none where there is none', async () => {
    const { processor, model } = await loadPretrained(visionFamilies, join(fixtures, 'vit/pooler'));
    expect(processor).toBeUndefined();
    model.dispose();
  });

  it('name a checkpoint of another size by its tensors', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'polymodal-vision-'));
    try {
      const loaded = await loadPretrained(visionFamilies, join(fixtures, 'clip-vision/plain-older'));
      await savePretrained(loaded as { family: Family } & typeof loaded, directory);
      writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...loaded.configFile, image_size: 16 }));
      const error = await loadPretrained(visionFamilies, directory).catch((error) => error);
      expect(PolymodalError.isInstance(error)).toBe(true);
      expect(error.message).toContain('embeddings.position_embedding.weight: expected [17, 12], received [10, 12]');
      loaded.model.dispose();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('say which picture is too small', () => {
    const vit = create(configs[0]);
    expect(() => vit.encode(batch(pictures(1, 3)), inferenceContext())).toThrow('at least 4 × 4 pixels');
    const swin = create(configs[5]);
    expect(() => swin.encode(batch(pictures(1, 6)), inferenceContext())).not.toThrow();
    expect(() => swin.encode(batch(pictures(1, 4)), inferenceContext())).toThrow('stage 1 of Swin');
  });

  it('refuse masked patches where no token can take their place', () => {
    const model = create({ ...configs[1], use_mask_token: false });
    const { rows, features } = batch(pictures(1, 8));
    const masked = { rows, features: { ...features, maskedPatches: tf.ones([1, 4]) } };
    expect(() => model.encode(masked, inferenceContext())).toThrow('the model has no mask token');
  });

  it('refuse a pooler of another width than the encoder', () => {
    expect(() => create({ ...configs[0], pooler_output_size: 3 })).toThrow('pooler_output_size');
  });

  it('refuse stages of Swin without heads', () => {
    expect(() => create({ ...configs[5], num_heads: [1] })).toThrow('num_heads');
  });
});

describe('Swin', () => {
  it('gives the tokens of all its stages, each with its grid and of the width that it says, and takes no others', () => {
    const { model } = createFromConfig([swin], configs[5]);
    initialize(model, RandomKey.from(1));
    const { stages, encoded } = model.encodeStages(batch(pictures(1, 16)), inferenceContext());
    expect(stages.map(({ state }) => state.grid)).toEqual([
      [8, 8],
      [4, 4],
      [4, 4],
    ]);
    expect(stages.map(({ tokens }) => tokens.shape)).toEqual([
      [1, 64, 4],
      [1, 16, 8],
      [1, 16, 8],
    ]);
    expect(stages.map((_, index) => model.widthAt(index))).toEqual([4, 8, 8]);
    expect(encoded).not.toHaveProperty('state');
    expect(model.adopt).toBeUndefined();
  });
});
