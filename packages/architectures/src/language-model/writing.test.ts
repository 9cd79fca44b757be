import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { initialize, type Model, RandomKey, readParameters, StateError } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import type { WrittenText } from '@polymodal/head-text';
import { createFromConfig, loadPretrained, pretrainedWhole, savePretrained } from '@polymodal/hub';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { languageModelRegistry, languageModels } from '../language-models';
import { loadFixture } from '../testing/language-models';

registerOnnxBackend();
await tf.setBackend('onnx');
const folders = ['model', 'saved', 'back'].map((name) => mkdtempSync(join(tmpdir(), `polymodal-writing-${name}-`)));
const [folder, saved, back] = folders;
afterAll(() => folders.forEach((own) => rmSync(own, { recursive: true })));

const made = createFromConfig(languageModels, {
  model_type: 'llama',
  ...{ hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 16, vocab_size: 600 },
});
initialize(made.model, RandomKey.from(4));
await savePretrained(made, folder);
const tokenizer = new URL('../../../encoder-text/fixtures/byte-level-bpe.json', import.meta.url);
cpSync(fileURLToPath(tokenizer), join(folder, 'tokenizer.json'));
writeFileSync(join(folder, 'tokenizer_config.json'), '{}');
writeFileSync(
  join(folder, 'generation_config.json'),
  JSON.stringify({ do_sample: true, max_new_tokens: 9, top_k: 0, eos_token_id: 3 }),
);
const { model } = await loadPretrained(languageModels, folder);
const prompts = ['sieben Hunde', '三只狗', 'x'];

async function written(own: Model, texts: readonly string[], options: object = {}): Promise<WrittenText[]> {
  const answers = await own.predict(
    texts.map((text) => ({ text })),
    { heads: { text: options } },
  );
  return answers.map(({ text }) => text as WrittenText);
}

describe('a language model', () => {
  it('continues texts with the options that it came with', async () => {
    const texts = await written(model, prompts, { seed: 1 });
    expect(texts.every(({ ids }) => ids.length <= 9)).toBe(true);
    expect(new Set(texts.map(({ text }) => text)).size).toBe(3);
    expect(await written(model, prompts, { seed: 1 })).toEqual(texts);
  });

  it('takes other options for one call', async () => {
    const [{ ids }] = await written(model, ['x'], { doSample: false, maxNewTokens: 4 });
    expect(ids).toHaveLength(4);
    const [stopped] = await written(model, ['x'], { doSample: false, eosTokenId: ids[2] });
    expect([...stopped.ids]).toEqual([...ids.slice(0, ids.indexOf(ids[2]) + 1)]);
    expect(stopped.finishReason).toBe('stop');
    const [short] = await written(model, ['x'], { maxLength: 5, seed: 1 });
    expect(short.ids).toHaveLength(2); // the tokenizer gives x three
  });

  it('gives a text in a batch what it gives the text alone', async () => {
    const options = { doSample: false, maxNewTokens: 6 };
    const batch = await written(model, prompts, options);
    for (const [index, prompt] of prompts.entries())
      expect(await written(model, [prompt], options)).toEqual([batch[index]]);
  });

  it('streams pieces that make up the same text', async () => {
    const pieces: string[] = [];
    const stream = model.stream({ text: prompts[0] }, 'text', { doSample: false });
    let next = await stream.next();
    for (; !next.done; next = await stream.next()) pieces.push(next.value as string);
    expect(next.value).toEqual((await written(model, [prompts[0]], { doSample: false }))[0]);
    expect(pieces.join('')).toBe((next.value as WrittenText).text);
  });

  it('writes several texts, and with beams the best of them first, with their scores', async () => {
    const options = { doSample: false, numBeams: 3, numReturnSequences: 2, maxNewTokens: 6 };
    const [best, other] = await written(model, prompts, options);
    for (const { sequences, ...first } of [best, other]) {
      expect(sequences).toHaveLength(2);
      expect(sequences![0]).toEqual(first);
      expect(sequences![0].score).toBeGreaterThan(sequences![1].score!);
    }
    const [drawn] = await written(model, ['x'], { seed: 1, numReturnSequences: 4 });
    expect(new Set(drawn.sequences!.map(({ text }) => text)).size).toBe(4);
    const [alone] = await written(model, ['x'], { seed: 1 });
    expect(drawn).toMatchObject(alone);
    expect(alone).not.toHaveProperty('score');
  });

  it('ends with a string in the token that completes it, which stays', async () => {
    const options = { doSample: false, maxNewTokens: 9, eosTokenId: [] };
    const [whole] = await written(model, prompts, options);
    const stop = whole.text.slice(2, 5);
    const [stopped] = await written(model, prompts, { ...options, stopStrings: [stop, 'never there'] });
    expect(stopped.finishReason).toBe('stop');
    expect(stopped.text).toContain(stop);
    expect(whole.text.startsWith(stopped.text)).toBe(true);
    expect(stopped.ids.length).toBeLessThan(whole.ids.length);
    const before = model.processors.text.codec!.decode([...stopped.ids.slice(0, -1)]) as string;
    expect(before).not.toContain(stop);
  });

  it('stops a stream within a token when it is aborted, as fetch does, and frees what it held', async () => {
    await written(model, [prompts[0]], { doSample: false }); // compiled, and what is kept is there
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const reason = new Error('enough');
    let pieces = 0;
    const read = async () => {
      const options = { doSample: false, maxNewTokens: 60, eosTokenId: [] };
      for await (const _ of model.stream({ text: prompts[0] }, 'text', options, { signal: abort.signal })) {
        pieces++;
        abort.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
    expect(pieces).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what would need more memory than it may have', async () => {
    await expect(written(model, ['x'], { maxNewTokens: 900, maxCacheBytes: 1000 })).rejects.toThrow(
      /maxCacheBytes: expected at least 1 MiB: the keys and values of 1 sequences.*received 1000 bytes/,
    );
  });

  it('refuses powers of lengths that are no numbers any more', async () => {
    await expect(written(model, ['x'], { numBeams: 2, lengthPenalty: -1e9 })).rejects.toThrow(/lengthPenalty/);
  });

  it('is loaded with its tokenizer read twice: to see whether it is one, and to make it', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    const { model: again } = await loadPretrained(languageModels, folder);
    const read = parse.mock.calls.filter(([text]) => text.includes('"merges"'));
    parse.mockRestore();
    expect(read).toHaveLength(2);
    again.dispose();
  });

  it('says what it lacks where it came without its tokenizer', async () => {
    const { model: without } = await loadFixture('gpt2');
    await expect(without.predict([{ text: 'x' }])).rejects.toThrow('tokenizer.json');
    expect(() => without.targets.text.processor.process('x', { training: false })).toThrow(StateError);
    without.dispose();
  });

  it('learns answers, is saved and loaded, and goes back whole, to the bit', async () => {
    const question = { text: 'wie viele Hunde?', targets: { text: 'zwei' } };
    await train(model, { data: [question], epochs: 40, batchSize: 1, learningRate: 0.02 });
    const options = { doSample: false };
    const [answer] = await written(model, [question.text], options);
    expect(answer).toMatchObject({ text: 'zwei', finishReason: 'stop' });
    await saveModel(model, saved);
    const again = await loadModel(languageModelRegistry, saved);
    expect(await written(again, [question.text], options)).toEqual([answer]);
    await savePretrained(pretrainedWhole(languageModels, again), back);
    const { model: returned } = await loadPretrained(languageModels, back);
    expect([...(await readParameters(returned))]).toEqual([...(await readParameters(model))]);
    expect(await written(returned, [question.text], options)).toEqual([answer]);
    again.dispose();
    returned.dispose();
  });
});
