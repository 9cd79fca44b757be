import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, createRegistry, FileFormatError, UnknownNameError } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import {
  composePretrained,
  embed,
  type LoadPretrainedOptions,
  loadPretrained,
  pretrainedPart,
  savePretrained,
} from '@polymodal/hub';
import { referencePlugin } from '@polymodal/testing';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { text } from '..';
import { pretrainedText, textFamilies } from '../pretrained';

const fixtures = fileURLToPath(new URL('../../fixtures/sentence', import.meta.url));
const { texts, cases } = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as {
  texts: string[];
  cases: { name: string; files: Files; adjust?: Record<string, unknown>; vectors: number[][] }[];
};

type Files = Record<string, unknown>;

/** A folder with the fixture's Transformer, and these files beside it. */
function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-sentence-'));
  folders.push(folder);
  cpSync(join(fixtures, 'bert'), folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function vectorsOf(folder: string, adjust?: LoadPretrainedOptions['adjust']): Promise<Float32Array[]> {
  const loaded = await loadPretrained(textFamilies, folder, { adjust });
  const vectors = await embed(loaded, texts);
  expect(loaded.model.pooledSize).toBe(vectors[0].length);
  loaded.model.dispose();
  return vectors;
}

function expectVectors(computed: readonly Float32Array[], expected: readonly (readonly number[])[]): void {
  expect(computed.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const errors = computed.flatMap((vector, i) => Array.from(vector, (value, at) => Math.abs(value - expected[i][at])));
  expect(Math.max(...errors)).toBeLessThan(1e-5); // float32 through three layers; numbers are about 1
}

const saidOfPrompts = vi.spyOn(console, 'warn').mockImplementation(() => {});
const filesOf = (name: string) => cases.find((each) => each.name === name)!.files;

describe('a folder of sentence-transformers', () => {
  it.each(cases)('gives the vectors that Python gives: $name', async ({ files, adjust, vectors }) => {
    expectVectors(await vectorsOf(folderWith(files), adjust), vectors);
  });

  it('is kept as it is in what is saved: alone, in a composed model, and as a part of that', async () => {
    const { files, vectors } = cases.find(({ name }) => name === 'two modes, normalised')!;
    const from = folderWith(files);
    const target = join(folderWith({}), 'saved');
    const loaded = await loadPretrained(textFamilies, from);
    await savePretrained(loaded, target);
    expectVectors(await vectorsOf(target), vectors);

    const registry = createRegistry([text, pretrainedText, referencePlugin]);
    const model = await composePretrained(registry, {
      hiddenSize: 6,
      encoders: { mail: { use: 'pretrained-text', from, numHiddenLayers: 2, maxLength: 9 } },
      fusion: { use: 'reference' },
      heads: { mood: { use: 'reference' } },
    });
    expect(model.encoders.mail.depth).toBe(2);
    await saveModel(model, join(target, 'composed'));
    const again = await loadModel(registry, join(target, 'composed'));
    expect(await again.predict([{ mail: texts[2] }])).toEqual(await model.predict([{ mail: texts[2] }]));

    const part = join(target, 'part');
    await savePretrained(pretrainedPart(again, 'mail'), part);
    const of = (name: string) => JSON.parse(readFileSync(join(part, name), 'utf8'));
    expect(of('modules.json')).toEqual(files['modules.json']);
    expect(of('1_Pooling/config.json')).toEqual(files['1_Pooling/config.json']);
    expect(of('sentence_bert_config.json').max_seq_length).toBe(9);
    expect(of('config.json').num_hidden_layers).toBe(2);
    const [vector] = await vectorsOf(part);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('freezes a pooler that takes no part, and saves it for Python', async () => {
    const { model } = await loadPretrained(textFamilies, folderWith(filesOf('mean')));
    const trainable = [...model.parameters()].filter(([, { trainable }]) => !trainable).map(([path]) => path);
    expect(trainable).toEqual(['pooler.weight', 'pooler.bias']);
  });

  it('says which prompts it has where none is chosen', async () => {
    saidOfPrompts.mockClear();
    await vectorsOf(folderWith(filesOf('prompts that nobody chose')));
    expect(saidOfPrompts.mock.calls.flat().join()).toContain('the prompts "document", "query", and none of them');
    saidOfPrompts.mockClear();
    await vectorsOf(folderWith(filesOf('prompts that nobody chose')), { prompt: false });
    await vectorsOf(folderWith(filesOf('mean')));
    expect(saidOfPrompts).not.toHaveBeenCalled();
  });
});

// Made by tools/parity/sentence_dense.py with the formula of Dense in PyTorch.
const dense = JSON.parse(readFileSync(join(fixtures, 'dense.json'), 'utf8')) as {
  cases: { name: string; files: Files; weights: Record<string, string>; vectors: number[][] }[];
};

describe('dense layers after the pooling', () => {
  it.each(dense.cases)(
    'give the vectors that PyTorch gives, and are saved: $name',
    async ({ files, weights, vectors }) => {
      const folder = folderWith(files);
      for (const [name, content] of Object.entries(weights)) writeFileSync(join(folder, name), content, 'base64');
      expectVectors(await vectorsOf(folder), vectors);
      const target = join(folderWith({}), 'saved');
      await savePretrained(await loadPretrained(textFamilies, folder), target);
      expectVectors(await vectorsOf(target), vectors);
    },
  );

  it('are kept in a composed model', async () => {
    const [{ files, weights }] = dense.cases;
    const from = folderWith(files);
    for (const [name, content] of Object.entries(weights)) writeFileSync(join(from, name), content, 'base64');
    const registry = createRegistry([text, pretrainedText, referencePlugin]);
    const model = await composePretrained(registry, {
      hiddenSize: 6,
      encoders: { mail: { use: 'pretrained-text', from } },
      fusion: { use: 'reference' },
      heads: { mood: { use: 'reference' } },
    });
    expect(model.encoders.mail.pooledSize).toBe(5);
    await saveModel(model, join(from, 'composed'));
    const again = await loadModel(registry, join(from, 'composed'));
    expect(await again.predict([{ mail: texts[2] }])).toEqual(await model.predict([{ mail: texts[2] }]));
  });

  it('are refused where they do not fit the pooling', async () => {
    const [{ files, weights }] = dense.cases;
    const folder = folderWith(files);
    for (const [name, content] of Object.entries(weights)) writeFileSync(join(folder, name), content, 'base64');
    await expect(vectorsOf(folder, { pooling: ['cls', 'mean'] })).rejects.toThrow(
      /modules\.json: expected a dense layer for vectors of 24 numbers, received one with in_features 12/,
    );
  });
});

describe('refuses by name', () => {
  const types = 'sentence_transformers.models.';
  const modules = (...names: string[]) =>
    names.map((name, idx) => ({ idx, name: `${idx}`, path: idx === 0 ? '' : `${idx}_${name}`, type: types + name }));
  const plain = {
    'modules.json': modules('Transformer', 'Pooling'),
    '1_Pooling/config.json': { word_embedding_dimension: 12 },
  };
  const prompts = { prompts: { query: 'q: ', passage: 'p: ' } };

  it.each<[string, Files, RegExp]>([
    [
      'layers that are not known',
      { ...plain, 'modules.json': modules('Transformer', 'Pooling', 'LSTM') },
      /modules\.json: expected nothing but Dense and Normalize after the pooling, received sentence_transformers\.models\.LSTM/,
    ],
    [
      'a dense layer without its config',
      { ...plain, 'modules.json': modules('Transformer', 'Pooling', 'Dense') },
      /2_Dense\/config\.json: expected the config of the dense layer, received no such file/,
    ],
    [
      'a dense layer without safetensors',
      {
        ...plain,
        'modules.json': modules('Transformer', 'Pooling', 'Dense'),
        '2_Dense/config.json': { in_features: 12, out_features: 5 },
      },
      /2_Dense\/model\.safetensors: expected the weights .*save it again/,
    ],
    [
      'an activation that is not known',
      {
        ...plain,
        'modules.json': modules('Transformer', 'Pooling', 'Dense'),
        '2_Dense/config.json': { in_features: 12, out_features: 5, activation_function: 'my.Own' },
      },
      /2_Dense\/config\.json, activation_function: expected one of .*received my\.Own/,
    ],
    [
      'a module of others',
      { ...plain, 'modules.json': [...modules('Transformer'), { type: 'custom.Pooling', path: '1_Pooling' }] },
      /received custom\.Pooling/,
    ],
    [
      'no pooling',
      { 'modules.json': modules('Transformer') },
      /expected a Pooling after the Transformer, received none/,
    ],
    ['no modules', { 'modules.json': [] }, /expected a Transformer as the first module/],
    [
      'the Transformer elsewhere',
      { 'modules.json': [{ type: `${types}Transformer`, path: '0_BERT' }] },
      /received it in "0_BERT"\. .*save it again/,
    ],
    [
      'a pooling without config',
      { 'modules.json': plain['modules.json'] },
      /1_Pooling\/config\.json: expected the config of the pooling/,
    ],
    [
      'another mode',
      { ...plain, '1_Pooling/config.json': { pooling_mode: 'median' } },
      /1_Pooling\/config\.json, pooling_mode: .*received "median"/,
    ],
    [
      'a misspelt mode',
      { ...plain, '1_Pooling/config.json': { pooling_mode_mean_token: true } },
      /received "pooling_mode_mean_token"/,
    ],
    [
      'a folder outside',
      { 'modules.json': [{ type: `${types}Transformer`, path: '../x' }] },
      /modules\.json: expected the names of folders beside it, received "\.\.\/x"/,
    ],
    ['no JSON', { 'modules.json': '{' }, /modules\.json: expected a JSON file/],
    [
      'another task',
      { ...plain, 'sentence_bert_config.json': { transformer_task: 'fill-mask' } },
      /sentence_bert_config\.json, transformer_task/,
    ],
    [
      'arguments of the tokenizer',
      { ...plain, 'sentence_bert_config.json': { tokenizer_args: { use_fast: false } } },
      /sentence_bert_config\.json, tokenizer_args/,
    ],
    [
      'another kind of model',
      { ...plain, 'config_sentence_transformers.json': { model_type: 'SparseEncoder' } },
      /model_type: .*"SparseEncoder"/,
    ],
    [
      'a default prompt that there is not',
      { ...plain, 'config_sentence_transformers.json': { ...prompts, default_prompt_name: 'qury' } },
      /default_prompt_name: expected one of its prompts: query, passage, received "qury"/,
    ],
    [
      'a prompt without a part in the pooling',
      {
        'modules.json': plain['modules.json'],
        '1_Pooling/config.json': { include_prompt: false },
        'config_sentence_transformers.json': { ...prompts, default_prompt_name: 'query' },
      },
      /include_prompt: expected true .*prompt: false/,
    ],
  ])('%s', async (_, files, message) => {
    const failure = await loadPretrained(textFamilies, folderWith(files)).then(
      () => expect.fail('it was loaded'),
      (error: unknown) => error as Error,
    );
    expect([FileFormatError, ConfigError].some((Kind) => failure instanceof Kind)).toBe(true);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('config.json, modules.json');
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ maxLength: 41 }, /^maxLength: expected at most the 40 tokens that the model has positions for, received 41/],
    [{ numHiddenLayers: 4 }, /^numHiddenLayers: expected at most the 3 layers that the model has, received 4/],
    [{ numHiddenLayers: 0 }, /^numHiddenLayers: /],
    [{ pooling: 'avg' }, /^pooling: .*received "avg"/],
    [{ pooling: [] }, /^pooling: /],
    [{ hiddenDropout: 1 }, /^hiddenDropout: /],
    [{ prompt: 'qury' }, /^prompt: expected the name of a prompt .*Did you mean "query"/],
    [{ maxLenght: 8 }, /^maxLenght: expected an option that models of type "bert" have, .*Did you mean "maxLength"/],
  ])('the option %j', async (adjust, message) => {
    const folder = folderWith({ ...plain, 'config_sentence_transformers.json': prompts });
    const failure = await loadPretrained(textFamilies, folder, { adjust }).catch((error: unknown) => error as Error);
    expect((failure as Error).message).toMatch(message);
    expect(failure instanceof ConfigError || failure instanceof UnknownNameError).toBe(true);
  });
});

const minilm = process.env.POLYMODAL_MINILM;

describe('all-MiniLM-L6-v2', () => {
  it.skipIf(!minilm)(
    'gives the similarities that its model page publishes (skipped without POLYMODAL_MINILM, its folder)',
    async () => {
      const loaded = await loadPretrained(textFamilies, minilm!);
      const sentences = ['The weather is lovely today.', "It's so sunny outside!", 'He drove to the stadium.'];
      const [a, b, c] = await embed(loaded, sentences);
      const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, at) => sum + value * y[at], 0);
      expect([dot(a, b), dot(a, c), dot(b, c)].map((value) => value.toFixed(4))).toEqual([
        '0.6660',
        '0.1046',
        '0.1411',
      ]);
    },
  );
});
