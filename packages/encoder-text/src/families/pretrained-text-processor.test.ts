import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { inferenceContext, SampleError, uploadBatch } from '@polymodal/core';
import { loadPretrained, savePretrained } from '@polymodal/hub';
import { expect, it } from 'vitest';
import { folderWith } from '../testing/tiny-pretrained';
import { texts, tokenizers } from '../testing/tokenized-texts';
import { textFamilies } from '.';

const sizes = { hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 8, vocab_size: 400 };
const siglipSizes = { ...sizes, max_position_embeddings: 24 };

it.each([
  ['word-piece', { ...sizes, model_type: 'bert', max_position_embeddings: 200 }],
  ['sentence-piece', { ...sizes, model_type: 'xlm-roberta', max_position_embeddings: 202 }],
  ['byte-fallback-bpe', { ...sizes, vocab_size: 600, model_type: 'llama', max_position_embeddings: 320 }],
  ['byte-level-bpe', { ...sizes, model_type: 'qwen2', max_position_embeddings: 200 }],
])(
  'a model with a tokenizer of kind %s takes texts of many languages, as Python tokenizes them',
  async (kind, config) => {
    const { model, processor } = await loadPretrained(textFamilies, await folderWith(kind, config));
    const rows = texts.flatMap((text, index) =>
      tokenizers[kind].ids[index].length > 0 ? [processor!.process(text)] : [],
    );
    expect(rows.map(({ inputIds }) => [...inputIds.data])).toEqual(
      tokenizers[kind].ids.filter(({ length }) => length > 0),
    );
    const text = { rows: Int32Array.from(rows.keys()), features: processor!.collate(rows) };
    const batch = uploadBatch({ size: rows.length, modalities: { text }, targets: {} }).modalities.text;
    const { pooled } = model.encode(batch, inferenceContext());
    expect(pooled.shape).toEqual([rows.length, 8]);
    expect([...pooled.dataSync()].every(Number.isFinite)).toBe(true);
  },
);

it.each([
  ['roberta', { pad_token_id: 1, max_position_embeddings: 18 }, {}, 16],
  ['bert', { max_position_embeddings: 18 }, { model_max_length: 12 }, 12],
  ['bert', { max_position_embeddings: 18 }, { model_max_length: 1e30 }, 18],
])(
  'cuts texts to what %s with %j takes, and its tokenizer with %j',
  async (model_type, options, settings, expected) => {
    const folder = await folderWith('word-piece', { ...sizes, ...options, model_type }, settings);
    const { processor } = await loadPretrained(textFamilies, folder);
    expect(processor?.maxLength).toBe(expected);
    expect(processor?.process('one two three '.repeat(20)).inputIds.shape).toEqual([expected]);
  },
);

it('pads to a multiple of what its slot says, which a saved folder keeps; 16 otherwise', async () => {
  const folder = await folderWith('word-piece', { ...sizes, model_type: 'bert', max_position_embeddings: 40 });
  const lengthOf = async (from: string, adjust?: { readonly bucketSize: number }) => {
    const loaded = await loadPretrained(textFamilies, from, adjust ? { adjust } : {});
    const features = loaded.processor!.process('one two three');
    const [, length] = loaded.processor!.collate([features]).inputIds.shape;
    const { lengths } = loaded.processor!.shape(features) as { readonly lengths: { readonly tokens: number } };
    return { loaded, length, bucket: lengths.tokens, own: features.inputIds.shape[0] };
  };
  const { bucket: byDefault, own } = await lengthOf(folder);
  expect(byDefault).toBe(Math.ceil(own / 16) * 16);
  const asked = await lengthOf(folder, { bucketSize: 2 });
  expect([asked.bucket, asked.length]).toEqual([Math.ceil(own / 2) * 2, Math.ceil(own / 2) * 2]);
  expect(asked.bucket).toBeLessThan(16);
  const saved = join(folder, 'saved');
  await savePretrained(asked.loaded, saved);
  expect((await lengthOf(saved)).bucket).toBe(asked.bucket);
  const siglip = await folderWith('word-piece', { ...siglipSizes, model_type: 'siglip_text_model' });
  await expect(loadPretrained(textFamilies, siglip, { adjust: { bucketSize: 2 } })).rejects.toThrow('bucketSize');
});

it.each([0, -1, 1.5])(
  'refuses a tokenizer whose texts have %s tokens at most, when it is loaded',
  async (model_max_length) => {
    const folder = await folderWith('word-piece', { ...sizes, model_type: 'bert' }, { model_max_length });
    await expect(loadPretrained(textFamilies, folder)).rejects.toThrow(
      `model_max_length: expected a whole number above 0, received ${model_max_length}`,
    );
  },
);

it('is left out where there is no tokenizer', async () => {
  const folder = await folderWith('word-piece', { ...sizes, model_type: 'bert' });
  rmSync(join(folder, 'tokenizer.json'));
  expect((await loadPretrained(textFamilies, folder)).processor).toBeUndefined();
});

it('refuses a text with a token that the tokenizer has and the model lacks', async () => {
  const { ids } = tokenizers['word-piece'];
  const highest = Math.max(...ids.flat());
  const text = texts[ids.findIndex((row) => row.includes(highest))];
  const config = { ...sizes, model_type: 'bert', max_position_embeddings: 200, vocab_size: highest };
  const { processor } = await loadPretrained(textFamilies, await folderWith('word-piece', config));
  expect(() => processor?.process(text)).toThrow(SampleError);
  expect(() => processor?.process(text)).toThrow(`ids lie below ${highest}, received token ${highest}`);
});
