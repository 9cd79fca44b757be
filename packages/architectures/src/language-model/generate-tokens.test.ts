import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { ConfigError, SampleError, ShapeError } from '@polymodal/core';
import { generateTokens, type TokenDecoder } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  batchOf,
  casesOf,
  continuations,
  decoderOf,
  forward,
  loadFixture,
  logitsOf,
  modelFolders,
  partsOf,
} from '../testing/language-models';

registerOnnxBackend();

/** The ids that follow prompts, as many as there are positions for. */
async function written(decoder: TokenDecoder, prompts: readonly Int32Array[]): Promise<number[][]> {
  const rows: number[][] = prompts.map(() => []);
  for await (const turn of generateTokens(decoder, prompts, { maxNewTokens: 100 })) {
    for (const { index, id } of turn) rows[index].push(id);
  }
  return rows;
}

describe.each(['cpu', 'onnx'])('a language model on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each(modelFolders)('continues every prompt as generate of transformers does: %s', async (name) => {
    const { model } = await loadFixture(name);
    for (const { prompts, options, continuations: expected, scores } of casesOf(name)) {
      if (!scores) expect(await continuations(model, prompts, options)).toEqual(expected);
    }
    model.dispose();
  });

  const withLogits = modelFolders.filter((name) => casesOf(name).some(({ logits, scores }) => logits && !scores));
  it.each(withLogits)(
    'computes the logits that Python computes, of prompts and of tokens after them: %s',
    async (name) => {
      const { model } = await loadFixture(name);
      const decoder = decoderOf(model);
      const cases = casesOf(name).filter(({ logits, scores }) => logits && !scores);
      for (const { prompts, logits, continuations: ids } of cases) {
        const decoding = decoder.start(
          prompts.map((prompt) => Int32Array.from(prompt)),
          4,
        );
        let ours = await decoding.prefill();
        for (let step = 0; step < logits!.length; step++) {
          const theirs = logits![step].flatMap((row) => [...logitsOf(row)]);
          const largest = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i])), 0);
          expect(largest).toBeLessThan(1e-4);
          if (step + 1 < logits!.length) ours = await decoding.step(ids.map((row) => row[step]));
        }
        decoding.dispose();
      }
      decoder.dispose();
      model.dispose();
    },
  );

  it.each(modelFolders)(
    'computes with a cache, over the borders of its sizes too, what it computes of the whole text: %s',
    async (name) => {
      const { model } = await loadFixture(name);
      const scaledByLength = name === 'llama-longrope'; // there, keys in the cache keep the angles of a shorter text, as in Python
      const text = Int32Array.from(
        { length: scaledByLength ? 40 : Math.min(140, partsOf(model).encoder.maxPositionEmbeddings) },
        (_, i) => (i * 7) % 61,
      );
      const whole = tf.tidy(() => forward(model, batchOf([[...text]])).dataSync()) as Float32Array;
      const decoder = decoderOf(model);
      const decoding = decoder.start([text.slice(0, 3)], 1);
      let logits = await decoding.prefill();
      for (let position = 2; position < text.length; position++) {
        const theirs = whole.subarray(position * 61, (position + 1) * 61);
        expect(theirs.reduce((most, value, id) => Math.max(most, Math.abs(value - logits[id])), 0)).toBeLessThan(1e-4);
        if (position + 1 < text.length) logits = await decoding.step([text[position + 1]]);
      }
      if (text.length > 128) expect(decoding.capacity).toBe(256);
      decoding.dispose();
      decoder.dispose();
      model.dispose();
    },
  );

  it('leaves no tensor behind', async () => {
    const { model } = await loadFixture('llama');
    await continuations(model, [[1, 2]], { maxNewTokens: 2 });
    const before = tf.memory().numTensors;
    await continuations(model, [[4, 5, 6], [7]], { maxNewTokens: 3 });
    const decoder = decoderOf(model);
    for await (const _ of generateTokens(decoder, [Int32Array.of(1)])) break;
    decoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe('what a language model writes', () => {
  it('draws the same tokens for the same key, and others for another', async () => {
    const { model } = await loadFixture('gpt2');
    const draw = (seed: number) =>
      continuations(
        model,
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        { doSample: true, maxNewTokens: 12, seed },
      );
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
  });

  it('stops at the tokens that the model has positions for', async () => {
    const { model } = await loadFixture('gpt2-untied'); // 40
    const prompt = Array.from({ length: 38 }, () => 3);
    expect((await continuations(model, [prompt], { maxNewTokens: 100 }))[0]).toHaveLength(3);
    expect((await continuations(model, [[...prompt, 3, 3]], { maxNewTokens: 100 }))[0]).toHaveLength(1);
  });

  it.each([
    ['gpt2-untied', [37, 6, 21]], // 40 learned positions
    ['llama', [157, 140, 149]], // 160 that turn queries and keys
  ])('writes up to the last position beside longer prompts what it writes alone: %s', async (name, lengths) => {
    const { model } = await loadFixture(name);
    const decoder = decoderOf(model);
    const prompts = lengths.map((length, row) => Int32Array.from({ length }, (_, i) => (i * (row + 3)) % 61));
    const together = await written(decoder, prompts);
    expect(together.map((row) => row.length)).toEqual(lengths.map((length) => decoder.maxLength - length + 1));
    for (const [row, prompt] of prompts.entries()) expect(await written(decoder, [prompt])).toEqual([together[row]]);
    const full = decoder.start([prompts[0], Int32Array.from({ length: decoder.maxLength }, () => 1)], 2);
    await full.prefill();
    for (let step = lengths[0]; step < decoder.maxLength; step++) await full.step([1, 1]);
    await expect(full.step([1, 1])).rejects.toThrow(`expected at most ${decoder.maxLength} tokens of a sequence`);
    full.dispose();
    decoder.dispose();
    model.dispose();
  });

  it('stops when the signal is aborted, between two tokens', async () => {
    const { model } = await loadFixture('gpt2');
    const run = continuations(model, [[1]], { maxNewTokens: 200 }, AbortSignal.timeout(30));
    await expect(run).rejects.toThrow(/timeout/);
    model.dispose();
  });

  it.each<[string, number[][], object, unknown, RegExp]>([
    ['no prompt', [], {}, SampleError, /at least one prompt, received none/],
    ['an empty prompt', [[1], []], {}, SampleError, /prompt 1: expected at least one token/],
    ['a token that the model lacks', [[61]], {}, SampleError, /prompt 0: expected token ids in \[0, 61\), received 61/],
    ['a prompt longer than the model', [Array(41).fill(1)], {}, ShapeError, /at most 40 tokens.*received 41/],
    ['an unknown option', [[1]], { maxNewToken: 3 }, ConfigError, /"maxNewToken"\. Did you mean "maxNewTokens"/],
    ['what is not implemented', [[1]], { numBeamGroups: 3 }, ConfigError, /"numBeamGroups"/],
    ['a temperature of 0', [[1]], { temperature: 0 }, ConfigError, /generation\.temperature/],
    ['a share above 1', [[1]], { topP: 1.5 }, ConfigError, /generation\.topP/],
    [
      'a length that the prompt has',
      [[1, 2, 3]],
      { maxLength: 3 },
      ConfigError,
      /generation\.maxLength.*more than the 3/,
    ],
    [
      'options that exclude every token',
      [[1]],
      { suppressTokens: [...Array(61).keys()] },
      Error,
      /exclude all of them/,
    ],
  ])('refuses %s', async (_, prompts, options, error, message) => {
    const { model } = await loadFixture('gpt2-untied');
    const decoder = decoderOf(model);
    const run = async () => {
      const ids = prompts.map((prompt) => Int32Array.from(prompt));
      for await (const _ of generateTokens(decoder, ids, options)); // which are not wanted
    };
    await expect(run()).rejects.toThrow(error as never);
    await expect(run()).rejects.toThrow(message);
    decoder.dispose();
    model.dispose();
  });
});
