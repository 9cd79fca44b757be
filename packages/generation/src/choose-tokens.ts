import { RandomKey } from '@polymodal/core';
import { chooseToken } from './choose-token';
import type { Turn } from './continue-sequences';
import { type Chosen, eachByItself, type Place } from './each-by-itself';
import type { GeneratedToken } from './generate-tokens';
import type { GenerationOptions } from './generation-options';
import type { GrowingSequence } from './growing-sequence';
import type { SequenceRules } from './sequence-rules';

/** Tokens that are chosen one by one, for each sequence by itself: the likeliest, or one that is drawn. */
export function chooseTokens(
  prompts: readonly GrowingSequence[],
  rules: readonly SequenceRules[],
  { doSample, numReturnSequences: copies = 1 }: GenerationOptions,
  key: RandomKey | undefined,
): (logits: Float32Array, step: number) => Turn<number, readonly GeneratedToken[]> {
  const drawing = doSample ? (key ?? RandomKey.from(Math.floor(Math.random() * 2 ** 52))) : undefined;
  const sequences = prompts.flatMap((prompt, index) =>
    Array.from({ length: copies }, (_, copy) => {
      const ofPrompt = drawing?.fold(index);
      const own = copy === 0 ? ofPrompt : ofPrompt?.fold(`sequence ${copy}`); // the first draws what it draws alone
      return { sequence: prompt.copy(), rules: rules[index], key: own };
    }),
  );
  const choose = (logits: Float32Array, { index, row, rows: all }: Place, step: number): Chosen<number> => {
    const { sequence, rules: own, key: ofSequence } = sequences[index];
    const vocabSize = logits.length / all;
    const next = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
    sequence.add(chooseToken(next, sequence, own.processors, ofSequence?.fold(step), own.excluding));
    return { item: sequence.ids[sequence.ids.length - 1], finishReason: own.finishReason(sequence) };
  };
  const turn = eachByItself(sequences.length, choose);
  return (logits, step) => {
    const { told, next } = turn(logits, step);
    const tokens = told.map(({ index, item, finishReason }) => ({
      index: Math.floor(index / copies),
      sequence: index % copies,
      id: item,
      ...(finishReason && { finishReason }),
    }));
    return { told: tokens, next };
  };
}
