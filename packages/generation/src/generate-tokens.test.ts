import { describe, expect, it } from 'vitest';
import type { Decoding } from './decoding';
import { generateTokens } from './generate-tokens';
import { promptLength, type TokenDecoder, type TokenPrompt } from './token-decoder';

/** Tokens of a picture, row by row: of V colours, each is the next one after that above it, as far as there is one. */
class Stripes implements TokenDecoder {
  readonly vocabSize = 5;
  readonly maxLength = 64;
  disposed = 0;
  /** Rows of each step. */
  readonly ran: number[] = [];

  constructor(readonly width: number) {}

  start(prompts: readonly TokenPrompt[]): Decoding<number, Float32Array> {
    let rows = prompts.map((prompt) => [...(prompt as Int32Array)]);
    const logits = () =>
      Float32Array.from(
        rows.flatMap((row) => {
          const next = row.length < this.width ? 0 : (row[row.length - this.width] + 1) % this.vocabSize;
          return Array.from({ length: this.vocabSize }, (_, id) => (id === next ? 1 : 0));
        }),
      );
    return {
      prefill: async () => logits(),
      step: async (ids) => {
        this.ran.push(ids.length);
        for (const [row, id] of ids.entries()) rows[row].push(id);
        return logits();
      },
      select: (chosen) => {
        rows = chosen.map((row) => [...rows[row]]);
      },
      dispose: () => {
        this.disposed++;
      },
    };
  }
}

async function continuations(decoder: TokenDecoder, prompts: number[][], options: object) {
  const rows: number[][] = prompts.map(() => []);
  const reasons: (string | undefined)[] = [];
  const ids = prompts.map((prompt) => Int32Array.from(prompt));
  for await (const turn of generateTokens(decoder, ids, options)) {
    for (const { index, sequence, id, finishReason } of turn) {
      if (sequence > 0) continue;
      rows[index].push(id);
      reasons[index] = finishReason;
    }
  }
  return { rows, reasons };
}

describe('generateTokens', () => {
  it('continues the tokens of pictures as it does those of texts, each for itself', async () => {
    const decoder = new Stripes(3);
    const { rows, reasons } = await continuations(
      decoder,
      [
        [0, 1, 2],
        [4, 4],
      ],
      { maxNewTokens: 6 },
    );
    expect(rows).toEqual([
      [1, 2, 3, 2, 3, 4],
      [0, 0, 0, 1, 1, 1],
    ]);
    expect(reasons).toEqual(['length', 'length']);
    expect(decoder.disposed).toBe(1);
  });

  it('goes on with the others when a sequence has ended', async () => {
    const { rows, reasons } = await continuations(new Stripes(1), [[0], [3]], { maxNewTokens: 6, eosTokenId: 4 });
    expect(rows).toEqual([[1, 2, 3, 4], [4]]);
    expect(reasons).toEqual(['stop', 'stop']);
  });

  it('leaves out of its steps what has ended, once a quarter has', async () => {
    const prompts = [[3], [0], [1], [2], [0]];
    const asked = { maxNewTokens: 6, eosTokenId: 4 };
    for (const copies of [1, 2]) {
      const decoder = new Stripes(1);
      const options = { ...asked, ...(copies > 1 && { doSample: true, topK: 1, numReturnSequences: copies }) };
      const { rows } = await continuations(decoder, prompts, options);
      expect(rows).toEqual([[4], [1, 2, 3, 4], [2, 3, 4], [3, 4], [1, 2, 3, 4]]);
      expect(decoder.ran).toEqual([5, 3, 2].map((count) => copies * count)); // 4 of 5 are more than three quarters
    }
    const decoder = new Stripes(1);
    const searching = { ...asked, numBeams: 2, earlyStopping: true };
    const { rows } = await continuations(decoder, prompts, searching);
    for (const [index, prompt] of prompts.entries())
      expect((await continuations(new Stripes(1), [prompt], searching)).rows[0]).toEqual(rows[index]);
    expect(decoder.ran[0]).toBe(10);
    expect(decoder.ran.at(-1)).toBeLessThan(10);
  });

  it('frees what it decodes with, also when nobody wants more', async () => {
    const decoder = new Stripes(1);
    for await (const _ of generateTokens(decoder, [Int32Array.of(0)], { maxNewTokens: 9 })) break;
    expect(decoder.disposed).toBe(1);
  });

  it('takes the length of a prompt that was embedded from what it was embedded as', () => {
    const embeddings = { shape: [7, 2] } as never;
    expect(promptLength({ ids: Int32Array.of(1), embeddings })).toBe(7);
  });

  it.each([1, 2])('says of logits that are not numbers that they are none, with %i beams', async (numBeams) => {
    const decoder = new Stripes(3);
    const spoilt = (given: readonly TokenPrompt[]) => {
      const begun = Stripes.prototype.start.call(decoder, given);
      return { ...begun, prefill: async () => (await begun.prefill()).fill(Number.NaN) };
    };
    const asked = generateTokens(Object.assign(decoder, { start: spoilt }), [Int32Array.of(1)], { numBeams });
    await expect(asked.next()).rejects.toThrow('logits that are not numbers');
  });

  it('says what is wrong with what it is given, and with what a decoder gives', async () => {
    const first = (prompts: unknown, options: object = {}, decoder: TokenDecoder = new Stripes(3)) =>
      generateTokens(decoder, prompts as TokenPrompt[], options).next();
    const prompts = [Int32Array.of(1, 2)];
    const sparse = [Int32Array.of(1), Int32Array.of(1)];
    delete sparse[0];
    for (const wrong of [undefined, [[1, 2]], sparse, [{ ids: Int32Array.of(1), embeddings: 3 }]]) {
      await expect(first(wrong)).rejects.toThrow('generateTokens, prompts: expected a list of token ids');
    }
    await expect(first(prompts, { signal: 3 })).rejects.toThrow('generateTokens, signal: expected an AbortSignal');
    await expect(first(prompts, { key: 3, doSample: true })).rejects.toThrow(
      'generateTokens, key: expected a RandomKey',
    );
    for (const [logits, received] of [
      [new Float32Array(4), '4 numbers'],
      [new Float32Array(10), '10 numbers'],
      [[1, 2, 3, 4, 5], 'an array of 5'],
      [undefined, 'nothing'],
    ] as const) {
      const decoder = new Stripes(3);
      const { start } = decoder;
      const broken = (given: readonly TokenPrompt[]) => ({
        ...start.call(decoder, given),
        prefill: async () => logits as Float32Array,
      });
      const said = `decoder: expected 5 logits for each sequence, 5 numbers, received ${received}.`;
      await expect(first(prompts, {}, Object.assign(decoder, { start: broken }))).rejects.toThrow(said);
      expect(decoder.disposed).toBe(1);
    }
  });
});
