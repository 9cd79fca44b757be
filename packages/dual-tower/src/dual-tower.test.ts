import { inferenceContext, initialize, type ModalityBatch, RandomKey, ShapeError } from '@polymodal/core';
import { createFromConfig } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type DualTower, pairLoss, pairProbabilities } from '.';
import { imageTextFamilies } from './image-text';

const sizes = { hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };
const configs = [{ model_type: 'clip', projection_dim: 6 }, { model_type: 'siglip' }].map((config) => ({
  ...config,
  text_config: { ...sizes, vocab_size: 20, max_position_embeddings: 5 },
  vision_config: { ...sizes, image_size: 4, patch_size: 2 },
}));

function create(config: (typeof configs)[number]): DualTower<'image'> {
  const { model } = createFromConfig(imageTextFamilies, config);
  initialize(model, RandomKey.from(1));
  return model;
}

function batches(): Record<'image' | 'text', ModalityBatch> {
  const rows = Int32Array.of(0, 1, 2);
  const pixelValues = tf.randomNormal([3, 4, 4, 3], 0, 1, 'float32', 1);
  const inputIds = tf.tensor2d([3, 4, 1, 5, 6, 1, 7, 8, 1], [3, 3], 'int32');
  return { image: { rows, features: { pixelValues } }, text: { rows, features: { inputIds, mask: tf.ones([3, 3]) } } };
}

describe.each(configs)('$model_type', (config) => {
  it('gives embeddings of unit length, whose scaled cosines are the logits', () => {
    const model = create(config);
    const [image, text] = (['image', 'text'] as const).map((modality) =>
      model.encode(modality, batches()[modality], inferenceContext()).arraySync(),
    );
    for (const row of [...image, ...text]) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    const scale = Math.exp(model.logitScale.value.arraySync());
    const bias = model.logitBias?.value.arraySync() ?? 0;
    const logits = model.forward(batches(), inferenceContext()).arraySync();
    for (const [i, row] of logits.entries()) {
      for (const [j, logit] of row.entries()) {
        const cosine = image[i].reduce((sum, value, axis) => sum + value * text[j][axis], 0);
        expect(logit).toBeCloseTo(scale * cosine + bias, 4);
      }
    }
  });

  it('learns which pictures and texts belong together', () => {
    const model = create(config);
    const logits = () => model.forward(batches(), inferenceContext());
    const optimizer = tf.train.adam(0.02);
    const variables = [...model.parameters().values()].map((parameter) => parameter.value as tf.Variable);
    const before = model.loss(logits()).arraySync();
    for (let step = 0; step < 40; step++) optimizer.minimize(() => model.loss(logits()), false, variables);
    expect(model.loss(logits()).arraySync()).toBeLessThan(before / 4);
    expect(tf.argMax(model.probabilities(logits()), 1).arraySync()).toEqual([0, 1, 2]);
  });
});

it('starts a new model where the papers do', () => {
  const [ofClip, ofSiglip] = configs.map(create);
  expect(Math.exp(ofClip.logitScale.value.arraySync())).toBeCloseTo(1 / 0.07, 2);
  expect(Math.exp(ofSiglip.logitScale.value.arraySync())).toBeCloseTo(10, 4);
  expect(ofSiglip.logitBias!.value.arraySync()).toBe(-10);
});

const logits = [
  [2, -1],
  [0.5, 3],
];

describe('pairs', () => {
  it('are a choice among texts, or each by itself', () => {
    const [chosen, alone] = (['softmax', 'sigmoid'] as const).map((pairing) =>
      pairProbabilities(tf.tensor2d(logits), pairing).arraySync(),
    );
    expect(chosen[0][0]).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
    expect(chosen[1][0] + chosen[1][1]).toBeCloseTo(1, 6);
    expect(alone[1][0]).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 6);
  });

  it('have the losses of the papers', () => {
    const logistic = (x: number) => Math.log1p(Math.exp(-x));
    const rows = (logistic(2 - -1) + logistic(3 - 0.5)) / 2;
    const columns = (logistic(2 - 0.5) + logistic(3 - -1)) / 2;
    expect(pairLoss(tf.tensor2d(logits), 'softmax').arraySync()).toBeCloseTo((rows + columns) / 2, 6);
    const pairs = logistic(2) + logistic(1) + logistic(-0.5) + logistic(3);
    expect(pairLoss(tf.tensor2d(logits), 'sigmoid').arraySync()).toBeCloseTo(pairs / 2, 6);
  });

  it('have a loss only where there are as many texts as rows', () => {
    expect(() => pairLoss(tf.zeros([2, 3]), 'softmax')).toThrow(ShapeError);
  });
});
