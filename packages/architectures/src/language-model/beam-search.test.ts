import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { ConfigError } from '@polymodal/core';
import { type GeneratedToken, type GenerationOptions, generateTokens, type TokenPrompt } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { continuations, decoderOf, loadFixture, readFixture } from '../testing/language-models';

registerOnnxBackend();
await tf.setBackend('onnx');

interface BeamCase {
  readonly prompts: number[][];
  readonly options: GenerationOptions;
  /** Those of each prompt one after the other. */
  readonly continuations: number[][];
  readonly scores: number[];
}

describe('search in beams', () => {
  it.each(['gpt2', 'llama', 'qwen2', 'qwen2-windows'])(
    'finds the sequences that generate of transformers finds, and their scores: %s',
    async (name) => {
      const { model } = await loadFixture(name);
      const decoder = decoderOf(model);
      const cases = readFixture<BeamCase[]>(`${name}/beams.json`);
      for (const { prompts, options, continuations: expected, scores } of cases) {
        const found: number[][] = [];
        const foundScores: number[] = [];
        const ids = prompts.map((prompt) => Int32Array.from(prompt));
        const count = options.numReturnSequences ?? 1;
        for await (const turn of generateTokens(decoder, ids, options)) {
          for (const { index, sequence, id, score } of turn) {
            const place = index * count + sequence;
            found[place] = [...(found[place] ?? []), id];
            if (score !== undefined) foundScores[place] = score;
          }
        }
        expect(found).toEqual(expected);
        for (const [place, score] of scores.entries()) expect(foundScores[place]).toBeCloseTo(score, 4); // float32 sums
      }
      const [{ prompts, options, continuations: expected }] = cases;
      const count = options.numReturnSequences ?? 1;
      const alone = prompts.length - 1;
      expect(await continuations(model, [prompts[alone]], options)).toEqual(expected.slice(alone * count));
      decoder.dispose();
      model.dispose();
    },
  );

  it('is greedy with one beam', async () => {
    const { model } = await loadFixture('llama');
    const prompts = [[1, 2, 3], [9]];
    const greedy = await continuations(model, prompts, { maxNewTokens: 6 });
    expect(await continuations(model, prompts, { maxNewTokens: 6, numBeams: 1 })).toEqual(greedy);
    model.dispose();
  });

  it('leaves no tensor behind', async () => {
    const { model } = await loadFixture('llama');
    const options = { numBeams: 3, numReturnSequences: 2, maxNewTokens: 5 };
    await continuations(model, [[1, 2], [3]], options);
    const before = tf.memory().numTensors;
    await continuations(model, [[4, 5, 6], [7]], options);
    const stopped = continuations(model, [[4, 5, 6], [7]], { ...options, maxNewTokens: 100 }, AbortSignal.timeout(1));
    await expect(stopped).rejects.toThrow(/timeout/);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe('several sequences behind a prompt', () => {
  it('are drawn each by itself, the first as it is drawn alone', async () => {
    const { model } = await loadFixture('gpt2');
    const options = { doSample: true, maxNewTokens: 12, seed: 3 };
    const prompts = [[1, 2, 3], [5]];
    const [first, second] = await continuations(model, prompts, options);
    const several = await continuations(model, prompts, { ...options, numReturnSequences: 3 });
    expect(several).toHaveLength(6);
    expect([several[0], several[3]]).toEqual([first, second]);
    expect(new Set(several.map((ids) => ids.join())).size).toBe(6);
    model.dispose();
  });

  it('are refused where they contradict other options, or would need too much memory, before anything is computed', async () => {
    const { model } = await loadFixture('gpt2');
    const decoder = decoderOf(model);
    const unstarted = {
      vocabSize: decoder.vocabSize,
      maxLength: decoder.maxLength,
      cacheBytes: (rows: number, length: number) => decoder.cacheBytes(rows, length),
      start: () => {
        throw new Error('started');
      },
    };
    const given: TokenPrompt[] = [Int32Array.of(1)];
    const first = (options: object): Promise<IteratorResult<readonly GeneratedToken[]>> =>
      generateTokens(unstarted, given, options).next();
    for (const [options, message] of [
      [{ numReturnSequences: 2 }, /numReturnSequences: expected 1 where the likeliest token is taken/],
      [{ numReturnSequences: 4, numBeams: 3 }, /numReturnSequences: expected at most 3, the number of beams/],
      [{ numBeams: 3, doSample: true }, /doSample: expected false with numBeams/],
      [{ stopStrings: 'a' }, /stopStrings: expected a model whose tokens are known/],
      [
        { maxNewTokens: 100, numBeams: 1000, maxCacheBytes: 2 ** 24 },
        /maxCacheBytes: expected at least 24 MiB: .* 1000 sequences of up to 101/,
      ],
    ] as const) {
      await expect(first(options)).rejects.toThrow(ConfigError);
      await expect(first(options)).rejects.toThrow(message);
    }
    decoder.dispose();
    model.dispose();
  });
});
