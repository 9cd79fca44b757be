import {
  ConfigError,
  inferenceContext,
  initialize,
  type ModalityBatch,
  RandomKey,
  setTrainable,
  trainingContext,
} from '@polymodal/core';
import { createFromConfig } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { clapAudio } from '.';

const plain = {
  ...{ model_type: 'clap_audio_model', spec_size: 16, num_mel_bins: 8, patch_size: 2, patch_stride: [2, 2] },
  ...{ window_size: 2, depths: [2, 1], num_attention_heads: [1, 2], patch_embeds_hidden_size: 8, hidden_size: 16 },
};
const fused = { ...plain, enable_fusion: true };

function create(config: typeof plain & { readonly [option: string]: unknown }) {
  const { model } = createFromConfig([clapAudio], config);
  initialize(model, RandomKey.from(1));
  for (const parameter of model.parameters().values()) {
    if (parameter.trainable) parameter.assign(tf.randomNormal([...parameter.shape], 0.1, 0.3, 'float32', 7));
  }
  return model;
}

/** Recordings of 4 channels each, or 1. */
function batch(rows: number, channels: number, frames = 32, isLonger?: number[]): ModalityBatch {
  return {
    rows: Int32Array.from({ length: rows }, (_, row) => row),
    features: {
      inputFeatures: tf.randomNormal([rows, channels, frames, 8], 0, 1, 'float32', 3),
      ...(isLonger && { isLonger: tf.tensor1d(isLonger) }),
    },
  };
}

const largest = (difference: tf.Tensor) => tf.max(tf.abs(difference)).dataSync()[0];

describe('ClapAudioEncoder', () => {
  it('makes the same of a recording alone and among others', () => {
    const model = create(fused);
    const three = batch(3, 4, 30, [0, 1, 1]);
    const together = model.encode(three, inferenceContext());
    const features = {
      inputFeatures: tf.slice(three.features.inputFeatures, [1, 0, 0, 0], [1, -1, -1, -1]),
      isLonger: tf.tensor1d([1]),
    };
    const alone = model.encode({ rows: Int32Array.of(0), features }, inferenceContext());
    expect(largest(tf.sub(tf.slice(together.tokens, [1, 0, 0], [1, -1, -1]), alone.tokens))).toBeLessThan(1e-5);
    expect(together.pooled.shape).toEqual([3, 16]);
    expect(together.mask.shape).toEqual([3, 16]);
  });

  it('hears the parts of longer recordings alone, whatever stands in those of others', () => {
    const model = create(fused);
    const { rows, features } = batch(2, 4, 32, [0, 1]);
    const replaced = (row: number, value: number) => {
      const isReplaced = tf.tensor4d(
        [0, 1, 2, 3].flatMap((at) => [0, 1, 1, 1].map((part) => Number(at === row && part))).slice(0, 8),
        [2, 4, 1, 1],
        'bool',
      );
      const inputFeatures = tf.where(isReplaced, tf.scalar(value), features.inputFeatures);
      return { rows, features: { ...features, inputFeatures } };
    };
    const scalar = (input: ModalityBatch) => () =>
      tf.sum(tf.square(model.encode(input, inferenceContext()).pooled)) as tf.Scalar;
    const [before, shorter, longer] = [{ rows, features }, replaced(0, Number.NaN), replaced(1, 0)].map((input) =>
      tf.variableGrads(scalar(input)),
    );
    expect(shorter.value.dataSync()).toEqual(before.value.dataSync());
    for (const [name, gradient] of Object.entries(before.grads)) {
      expect(shorter.grads[name].dataSync()).toEqual(gradient.dataSync());
    }
    expect(Math.abs(longer.value.dataSync()[0] - before.value.dataSync()[0])).toBeGreaterThan(1e-4);
  });

  it('draws dropout from the key of the step, in training alone', () => {
    const model = create({ ...plain, attention_probs_dropout_prob: 0.3, drop_path_rate: 0.2 });
    const input = batch(2, 1);
    const run = (seed: number) => model.encode(input, trainingContext(RandomKey.from(seed), model)).pooled.dataSync();
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it('keeps its running statistics, in training too', () => {
    const model = create(fused);
    setTrainable(model, ['batchNorm', 'embeddings'], true);
    const buffers = [...model.parameters()].filter(([, { trainable }]) => !trainable).map(([path]) => path);
    expect(buffers.filter((path) => path.startsWith('batchNorm'))).toEqual([
      'batchNorm.runningMean',
      'batchNorm.runningVar',
      'batchNorm.numBatchesTracked',
    ]);
    expect(buffers).toHaveLength(15); // of five norms
    const before = model.batchNorm.runningMean.value.dataSync().slice();
    model.encode(batch(2, 4, 32, [1, 1]), trainingContext(RandomKey.from(1), model));
    expect(model.batchNorm.runningMean.value.dataSync()).toEqual(before);
  });

  it.each([
    ['too many frames', plain, batch(1, 1, 33), 'inputFeatures: expected at most 32 frames, received 33'],
    [
      'parts where none are fused',
      plain,
      batch(1, 4),
      'inputFeatures: expected shape [P, 1, frames, 8], received [1,4,32,8]',
    ],
    ['no parts where some are fused', fused, batch(1, 1, 32, [0]), 'expected shape [P, 4, frames, 8]'],
    ['nothing that says which are longer', fused, batch(2, 4), 'isLonger: expected shape [2], since'],
    ['that of fewer recordings', fused, batch(2, 4, 32, [1]), 'received [1]'],
  ])('refuses %s', (_, config, input, message) => {
    expect(() => create(config).encode(input, inferenceContext())).toThrow(message);
  });
});

describe('the config of clapAudio', () => {
  it.each<[object, string]>([
    [{ flatten_patch_embeds: false }, 'config.json, flatten_patch_embeds: expected true, received false'],
    [{ fusion_type: 'channel_map', enable_fusion: true }, 'config.json, fusion_type: expected another'],
    [
      { patch_embed_input_channels: 2, enable_fusion: true },
      'patch_embed_input_channels: expected 1, with enable_fusion',
    ],
    [{ num_attention_heads: [1] }, 'num_attention_heads: expected one for each of 2 stages, received 1'],
    [{ num_mel_bins: 17 }, 'spec_size: expected at least num_mel_bins, 17, received 16'],
    [{ num_mel_bins: 5 }, 'spec_size: expected a multiple of 3'],
    [{ patch_size: 1 }, 'patch_size: expected at least patch_stride, 2, received 1'],
    [{ patch_size: 3 }, 'patch_stride: expected one that patch_size exceeds by an even number'],
    [{ spec_size: 24, patch_stride: [2, 5], patch_size: 5 }, 'patch_stride'],
    [{ window_size: 5 }, "window_size: expected at most 4, the last stage's grid, received 5"],
    [{ hidden_act: 'mish' }, 'hidden_act'],
    [{ is_decoder: true }, 'is_decoder'],
    [{ enable_fussion: true }, 'enable_fussion'],
  ])('refuses %j by name', (options, message) => {
    const make = () => createFromConfig([clapAudio], { ...plain, ...options });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });

  it('has as many parameters as Python has of the published sizes', () => {
    const { model } = createFromConfig([clapAudio], { model_type: 'clap_audio_model', enable_fusion: true });
    const parameters = [...model.parameters().values()].filter(({ trainable }) => trainable);
    expect(parameters.reduce((sum, { size }) => sum + size, 0)).toBe(27_549_128);
  });
});
