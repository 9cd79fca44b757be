import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { imageOptions } from './image-options';
import { ImageProcessor } from './image-processor';
import { imageRecipe } from './image-recipe';
import { vision } from './plugin';
import { fixtureTensors } from './testing/fixture';
import { VisionTransformer, type VisionTransformerConfig } from './vision-transformer';

const config: VisionTransformerConfig = {
  hiddenSize: 16,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 32,
  hiddenAct: 'gelu',
  hiddenDropout: 0,
  attentionDropout: 0,
  dropPath: 0,
  layerNormEps: 1e-6,
  imageSize: [8, 12],
  numChannels: 3,
  patchSize: 4,
  pooling: 'cls',
};

/** Ours by Hugging Face's names, longest first. */
const names: readonly (readonly [string, string])[] = [
  ['embeddings.patch_embeddings.projection', 'embeddings.projection'],
  ['embeddings.position_embeddings', 'embeddings.positions'],
  ['embeddings.cls_token', 'embeddings.classToken'],
  ['layernorm_before', 'norm1'],
  ['layernorm_after', 'norm2'],
  ['layernorm.', 'norm.'],
  ['q_proj', 'query'],
  ['k_proj', 'key'],
  ['v_proj', 'value'],
  ['o_proj', 'output'],
  ['mlp.fc1', 'feedForward.intermediate'],
  ['mlp.fc2', 'feedForward.output'],
];

function huggingFace(pooling: 'cls' | 'mean' = 'cls') {
  const {
    pixel_values: pixels,
    last_hidden_state: expected,
    ...weights
  } = Object.fromEntries(fixtureTensors('vit.safetensors'));
  const encoder = new VisionTransformer({ ...config, pooling });
  const parameters = encoder.parameters();
  for (const [theirs, { data }] of Object.entries(weights)) {
    const name = names.reduce((name, [from, to]) => name.replace(from, to), theirs);
    parameters.get(name)!.assignValues(data);
    parameters.delete(name);
  }
  expect([...parameters.keys()]).toEqual([]);
  const batch = {
    rows: Int32Array.of(0, 1, 2),
    features: { pixelValues: tf.tensor(pixels.data, [...pixels.shape]) },
  };
  return { encoder, batch, expected };
}

describe('VisionTransformer', () => {
  it('computes what ViTModel of transformers does with the same weights', () => {
    const { encoder, batch, expected } = huggingFace();
    const { tokens, pooled, mask } = encoder.encode(batch, inferenceContext());
    expect(tokens.shape).toEqual(expected.shape);
    expect(furthest(tokens.dataSync(), expected.data)).toBeLessThan(1e-4); // float32 sums in another order; values up to 2
    expect(Array.from(mask.dataSync())).toEqual(new Array(3 * 7).fill(1));
    expect(furthest(pooled.dataSync(), Float32Array.from(pooledOf(expected.data, 'cls')))).toBeLessThan(1e-4);
  });

  it('pools the mean of the patches without the class token', () => {
    const { encoder, batch, expected } = huggingFace('mean');
    const { pooled } = encoder.encode(batch, inferenceContext());
    expect(furthest(pooled.dataSync(), Float32Array.from(pooledOf(expected.data, 'mean')))).toBeLessThan(1e-4);
  });

  it('says that the patch size must divide the picture', () => {
    const [vit] = vision.encoders!;
    const pictures = imageOptions.parse({ imageSize: [8, 12] });
    const options = { ...pictures, ...vit.config.parse({ patchSize: 5 }) };
    const processor = new ImageProcessor(imageRecipe(pictures));
    expect(() => vit.create(options, { slot: 'image', hiddenSize: 16, processor })).toThrow(
      "patchSize: expected a size that divides the picture's 8 × 12 pixels, received 5.",
    );
  });

  it('starts from the same small weights for the same key', () => {
    const [a, b] = [0, 0].map((seed) => {
      const encoder = new VisionTransformer({ ...config, hiddenSize: 64 });
      initialize(encoder, RandomKey.from(seed));
      const { projection, positions, classToken } = encoder.embeddings;
      return [projection.weight, positions, classToken!].map(({ value }) => Array.from(value.dataSync()));
    });
    expect(a).toEqual(b);
    for (const values of a) {
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.0401); // two deviations of 0.02
      const deviation = Math.hypot(...values) / Math.sqrt(values.length);
      expect(Math.abs(deviation / 0.0176 - 1)).toBeLessThan(3 / Math.sqrt(2 * values.length)); // that of what is left of a normal
    }
  });
});

/** Of (3, 7, 16) tokens, with a naive loop. */
function pooledOf(tokens: ArrayLike<number>, pooling: 'cls' | 'mean'): number[] {
  const pooled: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (let d = 0; d < 16; d++) {
      const token = (n: number) => tokens[(row * 7 + n) * 16 + d];
      pooled.push(pooling === 'cls' ? token(0) : [1, 2, 3, 4, 5, 6].reduce((sum, n) => sum + token(n), 0) / 6);
    }
  }
  return pooled;
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index])));
}
