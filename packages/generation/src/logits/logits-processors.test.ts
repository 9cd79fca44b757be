import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
interface Fixture {
  readonly ids: number[][];
  readonly promptLength: number;
  readonly logits: (number | null)[][];
  readonly cases: Record<string, ProcessorCase[]>;
}
/** Made by tools/parity/generation.py. */
const file = new URL('../../fixtures/logits.json', import.meta.url);
const { ids, promptLength, logits, cases } = JSON.parse(readFileSync(file, 'utf8')) as Fixture;

/** JSON has no infinity: −∞ is null there. */
const logitsOf = (row: readonly (number | null)[]) =>
  Float32Array.from(row, (value) => value ?? Number.NEGATIVE_INFINITY);

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
});
