import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inferenceContext, initialize, RandomKey, uploadBatch } from '@polymodal/core';
import { createFromConfig, type Family, loadPretrained, savePretrained } from '@polymodal/hub';
import { describeEncoder } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { audioFamilies } from './families';
import { pretrainedAudioEncoder } from './pretrained-audio';

const root = mkdtempSync(join(tmpdir(), 'polymodal-audio-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A small new model, saved, with a file for its processor. */
async function folderWith(
  config: { readonly model_type: string; readonly [option: string]: unknown },
  preprocessor: object,
) {
  const directory = mkdtempSync(join(root, 'model-'));
  const made = createFromConfig<Family>(audioFamilies, config);
  initialize(made.model, RandomKey.from(4));
  await savePretrained(made, directory);
  made.model.dispose();
  writeFileSync(join(directory, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  return directory;
}

const sizes = { hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 12 };
const still = {
  hidden_dropout: 0,
  activation_dropout: 0,
  attention_dropout: 0,
  layerdrop: 0,
  apply_spec_augment: false,
};
const speech = {
  ...{ ...sizes, ...still, conv_dim: [4, 6], conv_stride: [20, 8], conv_kernel: [40, 10] },
  ...{ num_conv_pos_embeddings: 6, num_conv_pos_embedding_groups: 2 },
};
const samples = { feature_size: 1, sampling_rate: 8000, padding_value: 0, do_normalize: true };
const whisper = {
  ...{ model_type: 'whisper', d_model: 8, encoder_layers: 1, encoder_attention_heads: 2, encoder_ffn_dim: 12 },
  ...{ num_mel_bins: 5, max_source_positions: 10 },
};
const ast = {
  ...{ ...sizes, model_type: 'audio-spectrogram-transformer', patch_size: 4, frequency_stride: 3, time_stride: 5 },
  ...{ max_length: 30, num_mel_bins: 8 },
};
const folders = {
  'wav2vec2 with a group norm': await folderWith({ ...speech, model_type: 'wav2vec2' }, samples),
  'wav2vec2 with layer norms': await folderWith(
    { ...speech, model_type: 'wav2vec2', feat_extract_norm: 'layer', do_stable_layer_norm: true },
    { ...samples, feature_extractor_type: 'Wav2Vec2FeatureExtractor', return_attention_mask: true },
  ),
  hubert: await folderWith({ ...speech, model_type: 'hubert' }, samples),
  whisper: await folderWith(whisper, {
    ...{ feature_extractor_type: 'WhisperFeatureExtractor', feature_size: 5, sampling_rate: 8000 },
    ...{ chunk_length: 1, hop_length: 400, n_fft: 400 },
  }),
  ast: await folderWith(ast, {
    ...{ feature_extractor_type: 'ASTFeatureExtractor', num_mel_bins: 8, max_length: 30, sampling_rate: 16000 },
    ...{ do_normalize: true, mean: -4.2, std: 4.6 },
  }),
};

const recording = (key: RandomKey) => ({
  samples: key.normal(key.fold('length').integer(300, 1200)).map((value) => value / 4),
  sampleRate: 8000,
});

const { hubert: _, ...unlike } = folders; // HuBERT is made from the same parts as wav2vec 2.0

describe.each(Object.entries(unlike))('pretrained-audio as %s', (_, folder) => {
  const names = ['config.json', 'preprocessor_config.json'];
  const files = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  describeEncoder(pretrainedAudioEncoder, { sample: recording, config: { from: folder }, files, hiddenSize: 8 });
});

describe('audioFamilies', () => {
  it('bring the processor that stands beside a model, which knows how short a recording may be', async () => {
    const { model, processor } = await loadPretrained(audioFamilies, folders.hubert);
    const features = processor!.collate([
      await processor!.process(recording(RandomKey.from(1)), { training: false }),
      await processor!.process({ samples: new Float32Array(220).fill(0.1), sampleRate: 8000 }, { training: false }),
    ]);
    const batch = uploadBatch({ size: 2, targets: {}, modalities: { audio: { rows: Int32Array.of(0, 1), features } } });
    const { mask } = model.encode(batch.modalities.audio, inferenceContext());
    expect(tf.sum(mask, 1).dataSync()[1]).toBe(1);
    const short = { samples: new Float32Array(219), sampleRate: 8000 };
    await expect(processor!.process(short, { training: false })).rejects.toThrow('at least 220 samples');
    model.dispose();
  });
});
