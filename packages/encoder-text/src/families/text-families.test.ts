import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  type Encoder,
  inferenceContext,
  initialize,
  RandomKey,
  readParameters,
  ShapeError,
  type Tokens,
} from '@polymodal/core';
import {
  createFromConfig,
  loadPretrained,
  openCheckpoint,
  saveCheckpoint,
  savePretrained,
  type TensorToSave,
} from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { textFamilies } from '.';

const bert = { model_type: 'bert', hidden_size: 8, num_attention_heads: 2, intermediate_size: 12, vocab_size: 20 };
const sizes = { num_hidden_layers: 2, max_position_embeddings: 8 };
const llama = { ...bert, ...sizes, model_type: 'llama', num_key_value_heads: 1 };
const configs = {
  bert: { ...bert, ...sizes },
  roberta: { ...bert, ...sizes, model_type: 'roberta', max_position_embeddings: 10 },
  'xlm-roberta': { ...bert, ...sizes, model_type: 'xlm-roberta', max_position_embeddings: 10 },
  gpt2: { model_type: 'gpt2', n_embd: 8, n_layer: 2, n_head: 2, n_positions: 8, vocab_size: 20 },
  llama,
  qwen2: { ...llama, model_type: 'qwen2' },
  clip_text_model: { ...bert, ...sizes, model_type: 'clip_text_model', eos_token_id: 7 },
  clap_text_model: { ...bert, ...sizes, model_type: 'clap_text_model', max_position_embeddings: 10 },
  siglip_text_model: { ...bert, ...sizes, model_type: 'siglip_text_model' },
};

function modelOf(config: { model_type: string }) {
  const { model } = createFromConfig(textFamilies, config);
  initialize(model, RandomKey.from(1));
  for (const parameter of model.parameters().values()) {
    parameter.assign(tf.add(parameter.value, tf.randomNormal([...parameter.shape], 0, 0.2, 'float32', parameter.size)));
  }
  return model;
}

function encode(model: ReturnType<typeof modelOf>, ids: number[][], mask: number[][]) {
  return model.encode(batchOf(ids, mask), inferenceContext());
}

function batchOf(ids: number[][], mask: number[][]) {
  const features = { inputIds: tf.tensor2d(ids, undefined, 'int32'), mask: tf.tensor2d(mask) };
  return { rows: Int32Array.from(ids.keys()), features };
}

const largest = (difference: tf.Tensor) => tf.max(tf.abs(difference)).arraySync() as number;

describe('refuses by name', () => {
  it.each<[keyof typeof configs, object, RegExp]>([
    [
      'bert',
      { position_embedding_type: 'relative_key' },
      /config\.json, position_embedding_type: .*"absolute".*"relative_key"/,
    ],
    ['bert', { is_decoder: true }, /config\.json, is_decoder: expected false, received true/],
    ['bert', { add_cross_attention: true }, /add_cross_attention/],
    ['bert', { pruned_heads: { 0: [1] } }, /pruned_heads.*received "0"/],
    ['bert', { hidden_act: 'mish' }, /config\.json, hidden_act: .*received "mish"/],
    [
      'bert',
      { num_attention_heads: 3 },
      /config\.json, numAttentionHeads: expected a divisor of hiddenSize 8, received 3/,
    ],
    [
      'bert',
      { quantization_config: {} },
      /quantization_config: expected none, since quantised weights are not implemented/,
    ],
    ['roberta', { position_embedding_type: 'relative_key_query' }, /position_embedding_type/],
    ['gpt2', { add_cross_attention: true }, /add_cross_attention/],
    ['gpt2', { scale_attn_weigths: false }, /received "scale_attn_weigths"\. Did you mean "scale_attn_weights"/],
    ['llama', { pretraining_tp: 2 }, /config\.json, pretraining_tp: expected 1, received 2/],
    ['llama', { num_key_value_heads: 3, num_attention_heads: 4 }, /numKeyValueHeads: expected a divisor/],
    ['llama', { rope_scaling: { type: 'mrope', factor: 2 } }, /config\.json, rope_scaling\.ropeType: .*"mrope"/],
    [
      'llama',
      { rope_parameters: { rope_type: 'linear' } },
      /rope_parameters\.factor: expected a number, received nothing/,
    ],
    ['llama', { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5 } }, /"partialRotaryFactor"/],
    ['clip_text_model', { is_decoder: true }, /is_decoder/],
    ['clip_text_model', { eos_token_id: [7, 8] }, /config\.json, eos_token_id: expected a number/],
    ['siglip_text_model', { projection_size: 0 }, /projection_size/],
    ['qwen2', { layer_types: ['linear_attention'] }, /config\.json, layer_types\.0/],
  ])('in %s the option %j', (family, options, message) => {
    const make = () => createFromConfig(textFamilies, { ...configs[family], ...options });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});

describe('beside a head of transformers, which is passed over as Python does, loads', () => {
  const label = ['classifier.weight', 'classifier.bias'];
  const answer = ['qa_outputs.weight', 'qa_outputs.bias'];
  const score = ['score.weight', 'score.bias'];
  it.each<[string, keyof typeof configs, string, string[]]>([
    ['BertForNextSentencePrediction', 'bert', 'bert.', ['cls.seq_relationship.weight', 'cls.seq_relationship.bias']],
    ['BertForTokenClassification', 'bert', 'bert.', label],
    [
      'XLMRobertaForSequenceClassification',
      'xlm-roberta',
      'roberta.',
      ['classifier.dense.weight', 'classifier.out_proj.bias'],
    ],
    ['GPT2ForTokenClassification', 'gpt2', 'transformer.', label],
    ['GPT2ForQuestionAnswering', 'gpt2', 'transformer.', answer],
    [
      'GPT2DoubleHeadsModel',
      'gpt2',
      'transformer.',
      ['multiple_choice_head.summary.weight', 'multiple_choice_head.summary.bias'],
    ],
    ['a GPT-2 with a value head', 'gpt2', 'transformer.', ['v_head.summary.weight']],
    ['LlamaForTokenClassification', 'llama', 'model.', score],
    ['LlamaForQuestionAnswering', 'llama', 'transformer.', answer],
    ['Qwen2ForTokenClassification', 'qwen2', 'model.', score],
  ])('%s', async (_, family, prefix, names) => {
    const folder = mkdtempSync(join(tmpdir(), 'polymodal-heads-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const made = createFromConfig(textFamilies, configs[family]);
    initialize(made.model, RandomKey.from(2));
    await savePretrained(made, folder);
    const stored = await openCheckpoint(folder);
    const tensors = new Map<string, TensorToSave>(
      names.map((name) => [name, { shape: [2], data: new Float32Array(2) }]),
    );
    for (const name of stored.names) {
      const data = async () => (await stored.read(name)).data as Float32Array;
      tensors.set(prefix + name, { shape: stored.info(name).shape, dtype: 'F32', data });
    }
    const whole = join(folder, 'whole');
    await saveCheckpoint(whole, tensors);
    await stored.close();
    cpSync(join(folder, 'config.json'), join(whole, 'config.json'));
    const loaded = await loadPretrained(textFamilies, whole);
    expect(await readParameters(loaded.model)).toEqual(await readParameters(made.model));
  });
});

describe.each(Object.entries(configs))('%s', (name, config) => {
  it('does not look at what the padding holds, be it an impossible id', () => {
    const model = modelOf(config);
    const mask = [
      [1, 1, 1, 0],
      [0, 0, 1, 1],
    ];
    const clean = encode(
      model,
      [
        [5, 6, 7, 1],
        [1, 1, 8, 9],
      ],
      mask,
    );
    const impossible = [
      [5, 6, 7, 999],
      [-3, 999, 8, 9],
    ];
    const dirty = encode(model, impossible, mask);
    const valid = tf.tensor3d(mask.map((row) => row.map((value) => [value])));
    expect(largest(tf.mul(tf.sub(clean.tokens, dirty.tokens), valid))).toBe(0);
    expect(largest(tf.sub(clean.pooled, dirty.pooled))).toBe(0);
    const vectors = model.encodePooled(batchOf(impossible, mask), inferenceContext());
    expect(largest(tf.sub(vectors, clean.pooled))).toBeLessThan(1e-5); // sums in another order
  });

  const countsPadding = ['bert', 'clip_text_model', 'siglip_text_model'].includes(name); // their positions are indices, as in Python
  if (!countsPadding)
    it('gives a row with padding on either side what it gives the row alone', () => {
      const model = modelOf(config);
      const alone = encode(model, [[5, 6, 7]], [[1, 1, 1]]);
      const batch = encode(
        model,
        [
          [5, 6, 7, 0, 0],
          [0, 0, 5, 6, 7],
        ],
        [
          [1, 1, 1, 0, 0],
          [0, 0, 1, 1, 1],
        ],
      );
      for (const [row, start] of [
        [0, 0],
        [1, 2],
      ]) {
        expect(largest(tf.sub(tf.slice(batch.tokens, [row, start, 0], [1, 3, 8]), alone.tokens))).toBeLessThan(1e-5);
        expect(largest(tf.sub(tf.slice(batch.pooled, [row, 0], [1, 8]), alone.pooled))).toBeLessThan(1e-5);
      }
    });

  it('adopts the embeddings of words as it embeds the words themselves', () => {
    const model = modelOf(config);
    const words = 'wordEmbeddings' in model ? model.wordEmbeddings : model.tokenEmbeddings;
    const ids = [
      [5, 6, 9, 8, 7],
      [0, 0, 9, 3, 7],
    ];
    const mask = tf.tensor2d(ids.map((row) => row.map((id) => (id === 0 ? 0 : 1))));
    const own = encode(model, ids, mask.arraySync());
    const tokens = words.forward<tf.Tensor3D>(tf.tensor2d(ids, undefined, 'int32'));
    const general: Encoder = model;
    let adopted: Tokens = general.adopt!({ tokens, mask, rows: Int32Array.of(0, 1) }, inferenceContext());
    for (let index = 0; index < model.depth; index++) adopted = general.layer(index, adopted, inferenceContext());
    const finished = general.finish(adopted, inferenceContext());
    const valid = tf.expandDims(mask, 2);
    expect(largest(tf.mul(valid, tf.sub(finished.tokens, own.tokens)))).toBeLessThan(1e-5);
    expect(largest(tf.sub(finished.pooled, own.pooled))).toBeLessThan(1e-5);
  });

  it('runs its layers on a sequence that it did not embed, of any length', () => {
    const model: Encoder = modelOf(config);
    const sequence = {
      tokens: tf.randomNormal<tf.Rank.R3>([2, 5, 8], 0, 1, 'float32', 3),
      mask: tf.ones<tf.Rank.R2>([2, 5]),
      rows: Int32Array.of(0, 1),
    };
    let tokens: Tokens = model.adopt!(sequence, inferenceContext());
    for (let index = 0; index < model.depth; index++) tokens = model.layer(index, tokens, inferenceContext());
    const { tokens: finished, pooled } = model.finish(tokens, inferenceContext());
    expect([finished.shape, pooled.shape]).toEqual([
      [2, 5, 8],
      [2, 8],
    ]);
    expect([...finished.dataSync()].every(Number.isFinite)).toBe(true);
  });

  const isCausal = ['gpt2', 'llama', 'qwen2', 'clip_text_model'].includes(name);
  if (isCausal)
    it('lets a token see only itself and those before it', () => {
      const model = modelOf(config);
      const [first, second] = [
        [5, 6, 7, 8],
        [5, 6, 9, 3],
      ].map((ids) => encode(model, [ids], [[1, 1, 1, 1]]).tokens);
      expect(largest(tf.sub(tf.slice(first, [0, 0, 0], [1, 2, 8]), tf.slice(second, [0, 0, 0], [1, 2, 8])))).toBe(0);
      expect(
        largest(tf.sub(tf.slice(first, [0, 2, 0], [1, 1, 8]), tf.slice(second, [0, 2, 0], [1, 1, 8]))),
      ).toBeGreaterThan(1e-3);
    });

  const learnsPositions = !['llama', 'qwen2'].includes(name);
  if (learnsPositions)
    it('refuses more tokens than it has positions for', () => {
      const ids = [Array.from({ length: 9 }, () => 5)];
      expect(() => encode(modelOf(config), ids, [ids[0].map(() => 1)])).toThrow(ShapeError);
    });
});
