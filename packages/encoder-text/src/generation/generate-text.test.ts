import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { initialize, RandomKey, StateError } from '@polymodal/core';
import { createFromConfig, loadPretrained, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { causalLanguageModels } from '../families/causal-language-models';
import { generate, streamText } from './generate-text';

registerOnnxBackend();
await tf.setBackend('onnx');
const folder = mkdtempSync(join(tmpdir(), 'polymodal-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const made = createFromConfig(causalLanguageModels, {
  model_type: 'llama',
  ...{ hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 16, vocab_size: 600 },
});
initialize(made.model, RandomKey.from(4));
await savePretrained(made, folder);
cpSync(fileURLToPath(new URL('../../fixtures/byte-level-bpe.json', import.meta.url)), join(folder, 'tokenizer.json'));
writeFileSync(join(folder, 'tokenizer_config.json'), '{}');
writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ do_sample: true, max_new_tokens: 9, top_k: 0 }));
const loaded = await loadPretrained(causalLanguageModels, folder);
const prompts = ['sieben Hunde', '三只狗', 'x'];

describe('generate', () => {
  it('continues texts with the options that the model came with', async () => {
    const texts = await generate(loaded, prompts, { key: RandomKey.from(1) });
    expect(texts.map(({ ids, finishReason }) => [ids.length, finishReason])).toEqual(prompts.map(() => [9, 'length']));
    expect(new Set(texts.map(({ text }) => text)).size).toBe(3);
    const again = await generate(loaded, prompts, { key: RandomKey.from(1) });
    expect(again).toEqual(texts);
  });

  it('takes other options for one call', async () => {
    const [{ ids }] = await generate(loaded, ['x'], { doSample: false, maxNewTokens: 4 });
    expect(ids).toHaveLength(4);
    const [stopped] = await generate(loaded, ['x'], { doSample: false, eosTokenId: ids[2] });
    expect([...stopped.ids]).toEqual([...ids.slice(0, ids.indexOf(ids[2]) + 1)]);
    expect(stopped.finishReason).toBe('stop');
    const [short] = await generate(loaded, ['x'], { maxLength: 5, key: RandomKey.from(1) });
    expect(short.ids).toHaveLength(2); // the tokenizer gives x three
  });

  it('gives a text in a batch what it gives the text alone', async () => {
    const options = { doSample: false, maxNewTokens: 6 };
    const batch = await generate(loaded, prompts, options);
    for (const [index, prompt] of prompts.entries())
      expect(await generate(loaded, [prompt], options)).toEqual([batch[index]]);
  });

  it('streams pieces that make up the same texts', async () => {
    const texts = prompts.map(() => '');
    for await (const { index, text } of streamText(loaded, prompts, { key: RandomKey.from(1) })) texts[index] += text;
    expect(texts).toEqual((await generate(loaded, prompts, { key: RandomKey.from(1) })).map(({ text }) => text));
  });

  it('refuses a model without tokenizer', async () => {
    const without = generate({ ...loaded, processor: undefined }, ['x']);
    await expect(without).rejects.toThrow(StateError);
    await expect(without).rejects.toThrow('tokenizer.json');
  });
});
