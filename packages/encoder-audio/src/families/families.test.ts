import { type Encoder, inferenceContext, initialize, RandomKey, type Tokens, trainingContext } from '@polymodal/core';
import { camelCased, createFromConfig } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { audioFamilies } from '.';
import { wav2vec2 } from './wav2vec2';

const sizes = { hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 12 };
const speech = {
  ...sizes,
  ...{ conv_dim: [4, 6], conv_stride: [5, 2], conv_kernel: [10, 3], mask_time_length: 2 },
  ...{ num_conv_pos_embeddings: 6, num_conv_pos_embedding_groups: 2 },
};
const layerNorm = { feat_extract_norm: 'layer', do_stable_layer_norm: true, conv_bias: true };
const adapters = { add_adapter: true, num_adapter_layers: 2, output_hidden_size: 6 };
const speechConfigs = {
  'wav2vec2 with a group norm': { ...speech, model_type: 'wav2vec2' },
  'wav2vec2 with layer norms': { ...speech, ...layerNorm, model_type: 'wav2vec2' },
  'wav2vec2 with adapters': { ...speech, ...layerNorm, ...adapters, adapter_attn_dim: 3, model_type: 'wav2vec2' },
  'hubert with a group norm': { ...speech, model_type: 'hubert' },
  'hubert with a batch norm': { ...speech, conv_pos_batch_norm: true, model_type: 'hubert' },
};
const whisper = {
  ...{ model_type: 'whisper', d_model: 8, encoder_layers: 2, encoder_attention_heads: 2, encoder_ffn_dim: 12 },
  ...{ num_mel_bins: 5, max_source_positions: 6 },
};
const ast = {
  ...sizes,
  ...{ model_type: 'audio-spectrogram-transformer', patch_size: 4, frequency_stride: 3, time_stride: 2 },
  ...{ max_length: 12, num_mel_bins: 5 },
};
const configs = {
  ...speechConfigs,
  whisper: { ...whisper, dropout: 0.2, encoder_layerdrop: 0.2, apply_spec_augment: true, mask_feature_prob: 0.2 },
  ast: { ...ast, hidden_dropout_prob: 0.2 },
};

type Config = { readonly model_type: string; readonly [option: string]: unknown };

/** With values that a part left out, or a bias in padding, would be noticed by. */
function create(config: Config): Encoder {
  const { model } = createFromConfig<(typeof audioFamilies)[number]>(audioFamilies, config);
  initialize(model, RandomKey.from(1));
  for (const [path, parameter] of model.parameters()) {
    if (parameter.shape.length !== 1) continue;
    const values = RandomKey.from(2).fold(path).normal(parameter.size);
    parameter.assignValues(values.map((value) => 1 + 0.2 * value));
  }
  return model;
}

/** Recordings of these lengths, filled up with `filling`. */
function recordings(lengths: readonly number[], filling = 0, padded = Math.max(...lengths)) {
  const rows = lengths.map((length, row) => {
    const samples = RandomKey.from(row).normal(length);
    return Array.from({ length: padded }, (_, at) => samples[at] ?? filling);
  });
  const mask = lengths.map((length) => Array.from({ length: padded }, (_, at) => (at < length ? 1 : 0)));
  return {
    rows: Int32Array.from(lengths.keys()),
    features: { inputValues: tf.tensor2d(rows), mask: tf.tensor2d(mask) },
  };
}

function spectrograms(frames = 12, bins = 5) {
  const values = RandomKey.from(5).normal(2 * frames * bins);
  return { rows: Int32Array.of(0, 1), features: { inputFeatures: tf.tensor3d(values, [2, frames, bins]) } };
}

const batchFor = ({ model_type }: Config) =>
  model_type === 'wav2vec2' || model_type === 'hubert' ? recordings([100, 72]) : spectrograms();

function largest(x: tf.Tensor): number {
  return tf.max(tf.abs(x)).dataSync()[0];
}

describe.each(Object.entries(speechConfigs))('%s', (_, config) => {
  it('gives a row in a padded batch what it gives the row alone', () => {
    const model = create(config);
    const together = model.encode(recordings([100, 72]), inferenceContext());
    const { features } = recordings([100, 72]);
    const alone = model.encode(
      { rows: Int32Array.of(0), features: { inputValues: tf.slice(features.inputValues, [1, 0], [1, 72]) } },
      inferenceContext(),
    );
    const [, frames, size] = alone.tokens.shape;
    expect(largest(tf.sub(tf.slice(together.tokens, [1, 0, 0], [1, frames, size]), alone.tokens))).toBeLessThan(1e-5);
    expect(largest(tf.sub(tf.slice(together.pooled, [1, 0], [1, size]), alone.pooled))).toBeLessThan(1e-5);
    expect(tf.sum(together.mask, 1).dataSync()[1]).toBe(frames);
    expect(size).toBe(model.hiddenSize);
  });

  it('does not look at what the padding holds, be it NaN, nor does a gradient', () => {
    const model = create(config);
    const [clean, dirty] = [0, Number.NaN].map((filling) => {
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.square(model.encode(recordings([100, 72], filling), inferenceContext()).pooled)) as tf.Scalar,
      );
      return [value, ...Object.values(grads)].map((tensor) => [...tensor.dataSync()]);
    });
    expect(dirty).toEqual(clean);
    expect(clean.flat().every(Number.isFinite)).toBe(true);
  });

  it('gives a row without a frame the vector 0, and leaves the others alone', () => {
    const model = create(config);
    const { pooled } = model.encode(recordings([100, 0]), inferenceContext());
    const alone = model.encode(recordings([100]), inferenceContext());
    expect([...tf.slice(pooled, [1, 0], [1, -1]).dataSync()].every((value) => value === 0)).toBe(true);
    expect(largest(tf.sub(tf.slice(pooled, [0, 0], [1, -1]), alone.pooled))).toBeLessThan(1e-5);
  });

  it('says how long a recording must be', () => {
    const { features, rows } = recordings([19]);
    const embed = () => create(config).embed({ rows, features }, inferenceContext());
    expect(embed).toThrow('inputValues: expected at least 20 samples, which are one frame, received 19.');
    expect(() => create(config).embed(recordings([20]), inferenceContext())).not.toThrow();
  });
});

describe.each(Object.entries(configs))('%s', (_, config) => {
  it('draws dropout, spans and layers from the key of the step, in training alone', () => {
    const model = create(config);
    const run = (seed: number) =>
      model.encode(batchFor(config), trainingContext(RandomKey.from(seed), model)).pooled.dataSync();
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it('passes over options that Python passes over too, and refuses misspelt ones with the nearest name', () => {
    create({ ...config, use_fancy_frames: true }).dispose();
    const misspelt = Object.keys(config)
      .find((name) => name.length > 8 && name.includes('_') && name !== 'model_type')!
      .slice(0, -1);
    expect(() => create({ ...config, [misspelt]: 8 })).toThrow(`"${misspelt}"`);
    expect(() => create({ ...config, is_decoder: true })).toThrow('is_decoder');
  });

  it('runs its layers on a sequence that it did not embed, of any length', () => {
    const model = create(config);
    const tokens = tf.tensor3d(RandomKey.from(1).normal(2 * 13 * 8), [2, 13, 8]);
    let state: Tokens = model.adopt!({ tokens, mask: tf.ones([2, 13]), rows: Int32Array.of(0, 1) }, inferenceContext());
    for (let index = 0; index < model.depth; index++) state = model.layer(index, state, inferenceContext());
    const { pooled } = model.finish(state, inferenceContext());
    expect([state.tokens.shape, pooled.shape]).toEqual([tokens.shape, [2, model.hiddenSize]]);
    expect([...pooled.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

describe('wav2vec2', () => {
  const config = speechConfigs['wav2vec2 with layer norms'];

  it('refuses strides and kernels that are not one for each convolution', () => {
    expect(() => create({ ...config, conv_stride: [5] })).toThrow('conv_stride: expected one for each of the 2');
    expect(() => create({ ...config, conv_kernel: [5, 2, 2] })).toThrow('conv_kernel: expected one for each of the 2');
  });

  it('hides no frames from a model that masks none', () => {
    const { rows, features } = recordings([100]);
    const masked = { rows, features: { ...features, maskedFrames: tf.ones([1, 9]) } };
    const embed = (options: object) => () => create({ ...config, ...options }).embed(masked, inferenceContext());
    expect(embed({ apply_spec_augment: false })).toThrow('maskedFrames: expected a model');
    expect(embed({})).not.toThrow();
  });

  it('masks frames with zeros where the checkpoint has no vector for them', () => {
    const without = wav2vec2.build(camelCased(wav2vec2.config.parse(config)), { has: () => false });
    expect([...without.parameters().keys()]).not.toContain('specAugment.maskedSpecEmbed');
    initialize(without, RandomKey.from(1));
    const { rows, features } = recordings([100]);
    const [clean, masked] = [0, 1].map((value) => {
      const batch = { rows, features: { ...features, maskedFrames: tf.fill<tf.Rank.R2>([1, 9], value) } };
      return without.embed(batch, inferenceContext()).tokens.dataSync();
    });
    expect(clean).not.toEqual(masked);
    expect([...masked].every((value) => value === 0)).toBe(true); // new positions have no bias
  });
});

describe('whisper', () => {
  it('leaves the silence behind a recording out of its vector, and no more', () => {
    const model = create(whisper);
    const { rows, features } = spectrograms();
    const mask = tf.tensor2d([new Array(12).fill(1), [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]]);
    const { tokens, pooled } = model.encode({ rows, features: { ...features, mask } }, inferenceContext());
    const unmasked = model.encode({ rows, features }, inferenceContext());
    expect(largest(tf.sub(tokens, unmasked.tokens))).toBe(0);
    expect(
      largest(tf.sub(tf.mean(tf.slice(tokens, [1, 0, 0], [1, 3, 8]), 1), tf.slice(pooled, [1, 0], [1, 8]))),
    ).toBeLessThan(1e-6);
    expect(largest(tf.sub(tf.mean(tokens, 1), unmasked.pooled))).toBeLessThan(1e-6);
  });

  it('hears recordings of one length', () => {
    expect(() => create(whisper).embed(spectrograms(10), inferenceContext())).toThrow(
      'inputFeatures: expected 12 frames, twice max_source_positions, received 10.',
    );
  });

  it('refuses two numbers of layers', () => {
    expect(() => create({ ...whisper, num_hidden_layers: 2 })).not.toThrow();
    expect(() => create({ ...whisper, num_hidden_layers: 3 })).toThrow('num_hidden_layers: expected encoder_layers 2');
  });
});

describe('ast', () => {
  it.each([
    [11, 5],
    [12, 6],
  ])('refuses %i frames of %i bins', (frames, bins) => {
    expect(() => create(ast).embed(spectrograms(frames, bins), inferenceContext())).toThrow('[P, 12, 5]');
  });
});
