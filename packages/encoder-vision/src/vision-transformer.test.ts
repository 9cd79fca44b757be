import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fixtureTensors } from './fixture';
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
  channels: 3,
  patchSize: 4,
  pooling: 'cls',
};

/** Ours by Hugging Face's names, longest first. */
const names: readonly (readonly [string, string])[] = [
  ['embeddings.patch_embeddings.projection', 'patchEmbedding'],
  ['embeddings.position_embeddings', 'positionEmbeddings'],
  ['embeddings.cls_token', 'classToken'],
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
    expect(() => new VisionTransformer({ ...config, patchSize: 5 })).toThrow(
      "patchSize: expected a size that divides the picture's 8 × 12 pixels, received 5.",
    );
  });

  it('starts from the same weights for the same key', () => {
    const [a, b] = [0, 0].map((seed) => {
      const encoder = new VisionTransformer(config);
      initialize(encoder, RandomKey.from(seed));
      return Array.from(encoder.positionEmbeddings.value.dataSync());
    });
    expect(a).toEqual(b);
    expect(a.some((value) => value !== 0)).toBe(true);
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
