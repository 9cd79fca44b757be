import { describe, expect, it } from 'vitest';
import { logitsProcessors } from '../choose-token';
import { casesOf, logitsOf, readFixture } from '../fixture-models';
import { excludeSequences, excludeTokens, excludeUntil } from './exclude-tokens';
import { minP, topK, topP, typicalP } from './keep-likely';
import type { LogitsProcessor } from './logits-processor';
import { noRepeatNgrams } from './no-repeat-ngrams';
import { repetitionPenalty } from './repetition-penalty';
import { temperature } from './temperature';

interface ProcessorCase {
  readonly value: never;
  readonly tokens?: number[];
  readonly expected: (number | null)[][];
}
const { ids, promptLength, logits, cases } = readFixture<{
  ids: number[][];
  promptLength: number;
  logits: (number | null)[][];
  cases: Record<string, ProcessorCase[]>;
}>('logits.json');

const makers: Record<string, (value: never, tokens: number[]) => LogitsProcessor> = {
  repetitionPenalty,
  noRepeatNgrams,
  excludeSequences,
  excludeTokens,
  excludeUntil,
  temperature,
  topK,
  topP,
  minP,
  typicalP,
};

/** One rounding to float32 of numbers below 10. */
function expectLogits(ours: Float32Array, theirs: readonly (number | null)[]): void {
  logitsOf(theirs).forEach((value, id) => {
    if (Number.isFinite(value)) expect(Math.abs(ours[id] - value)).toBeLessThan(2e-6);
    else expect(ours[id]).toBe(value);
  });
}

describe('the processors of logits', () => {
  const all = Object.entries(cases).flatMap(([name, some]) => some.map((one) => [name, one.value, one] as const));
  it.each(all)('change them as the class of transformers: %s %j', (name, value, { tokens = [], expected }) => {
    const process = makers[name](value, tokens);
    ids.forEach((row, index) => {
      const own = logitsOf(logits[index]);
      process(own, { ids: row, promptLength });
      expectLogits(own, expected[index]);
    });
  });

  it('come one after the other as in generate, when all of them are asked for', () => {
    const drawn = casesOf('gpt2').find(({ scores }) => scores)!;
    const { prompts, options, continuations, scores } = drawn;
    const eosTokenIds = [options.eosTokenId ?? []].flat();
    const processors = logitsProcessors({ ...options, eosTokenIds, minNewTokens: options.minNewTokens ?? 0 });
    expect(processors).toHaveLength(11);
    prompts.forEach((prompt, row) => {
      for (let step = 0; step < continuations[row].length; step++) {
        const own = logitsOf(drawn.logits![step][row]);
        const text = { ids: [...prompt, ...continuations[row].slice(0, step)], promptLength: prompt.length };
        for (const process of processors) process(own, text);
        const theirs = logitsOf(scores![step][row]);
        const kept = (values: Float32Array) => [...values.keys()].filter((id) => Number.isFinite(values[id]));
        expect(kept(own)).toEqual(kept(theirs));
        for (const id of kept(own)) expect(Math.abs(own[id] - theirs[id])).toBeLessThan(5e-5);
      }
    });
  });
});
