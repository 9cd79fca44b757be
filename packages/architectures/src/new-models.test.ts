import { inferenceContext, initialize, type Model, meanLoss, RandomKey } from '@polymodal/core';
import type { ContrastiveHead, ContrastiveOutput } from '@polymodal/heads';
import { createFromConfig } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { imageTextFamilies } from './image-text';

const sizes = { hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };
const configs = [{ model_type: 'clip', projection_dim: 6 }, { model_type: 'siglip' }].map((config) => ({
  ...config,
  text_config: { ...sizes, vocab_size: 20, max_position_embeddings: 5 },
  vision_config: { ...sizes, image_size: 4, patch_size: 2 },
}));

function create(config: (typeof configs)[number]): Model {
  const { model } = createFromConfig(imageTextFamilies, config);
  initialize(model, RandomKey.from(1));
  return model;
}

function batch() {
  const rows = Int32Array.of(0, 1, 2);
  const pixelValues = tf.randomNormal([3, 4, 4, 3], 0, 1, 'float32', 1);
  const inputIds = tf.tensor2d([3, 4, 1, 5, 6, 1, 7, 8, 1], [3, 3], 'int32');
  const modalities = {
    image: { rows, features: { pixelValues } },
    text: { rows, features: { inputIds, mask: tf.ones([3, 3]) } },
  };
  return { size: 3, modalities, targets: {} };
}

function logitsOf(model: Model): tf.Tensor2D {
  const { embeddings } = model.forward(batch(), inferenceContext()).heads.match.output as ContrastiveOutput;
  return (model.heads.match as ContrastiveHead).logits('image', embeddings.image.values, embeddings.text.values);
}

it.each(configs)('a new $model_type learns which pictures and texts belong together', (config) => {
  const model = create(config);
  const loss = () => meanLoss(model.losses(batch(), inferenceContext()).match);
  const optimizer = tf.train.adam(0.02);
  const variables = [...model.parameters().values()].map((parameter) => parameter.value as tf.Variable);
  const before = loss().arraySync();
  for (let step = 0; step < 80; step++) optimizer.minimize(loss, false, variables);
  expect(loss().arraySync()).toBeLessThan(before / 4);
  expect(tf.argMax(logitsOf(model), 1).arraySync()).toEqual([0, 1, 2]);
});

describe('a new model', () => {
  it('starts where the papers do', () => {
    const [ofClip, ofSiglip] = configs.map((config) => create(config).parameters());
    const start = (parameters: typeof ofClip, name: string) =>
      parameters.get(`heads.match.${name}`)!.value.dataSync()[0];
    expect(Math.exp(start(ofClip, 'logitScale'))).toBeCloseTo(1 / 0.07, 2);
    expect(Math.exp(start(ofSiglip, 'logitScale'))).toBeCloseTo(10, 4);
    expect(start(ofSiglip, 'logitBias')).toBe(-10);
  });

  it('has no parameters but those of its encoders, projections and comparison', () => {
    const [ofClip, ofSiglip] = configs.map((config) =>
      [...create(config).parameters().keys()].filter((path) => !path.startsWith('encoders.')),
    );
    expect(ofClip).toEqual(
      ['projections.image.weight', 'projections.text.weight', 'logitScale'].map((path) => `heads.match.${path}`),
    );
    expect(ofSiglip).toEqual(['heads.match.logitScale', 'heads.match.logitBias']);
  });
});
