import type { Metrics } from '@polymodal/core';

/** An answer and those that are right: none where there is none, and then '' is the right one to give. */
export interface JudgedAnswer {
  readonly predicted: string;
  readonly actual: readonly string[];
}

/**
 * The share of answers that are right to the letter, once articles, punctuation and case are left out, and the mean F1 of the words that they share
 * with the best of those that are right (Rajpurkar et al. 2016 and 2018; `squad` and `squad_v2` of Python's evaluate, which give percents).
 */
export function answerMetrics(rows: readonly JudgedAnswer[]): Metrics {
  if (rows.length === 0) return {};
  const mean = (figure: (predicted: string, actual: string) => number) => {
    const best = ({ predicted, actual }: JudgedAnswer) =>
      Math.max(...(actual.length > 0 ? actual : ['']).map((own) => figure(normalized(predicted), normalized(own))));
    return rows.reduce((sum, row) => sum + best(row), 0) / rows.length;
  };
  return { exactMatch: mean((predicted, actual) => Number(predicted === actual)), f1: mean(wordF1) };
}

function wordF1(predicted: string, actual: string): number {
  const [words, wanted] = [predicted, actual].map((text) => text.split(' ').filter((word) => word !== ''));
  if (words!.length === 0 || wanted!.length === 0) return Number(words!.length === wanted!.length);
  const left = new Map<string, number>();
  for (const word of wanted!) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of words!) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared++;
  }
  return (2 * shared) / (words!.length + wanted!.length);
}

/** Lower case, without punctuation and articles, and with single spaces: `normalize_answer` of SQuAD. */
function normalized(text: string): string {
  const plain = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '');
  return plain
    .replace(/(?<![\p{L}\p{M}\p{N}_])(a|an|the)(?![\p{L}\p{M}\p{N}_])/gu, ' ')
    .split(/\s+/u)
    .filter(Boolean)
    .join(' ');
}
