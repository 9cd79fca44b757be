import type { Accuracy } from './accuracy';
import type { PictureQuestion } from './data/picture-question';

/** How far one comes who sees no picture, and always gives the answer that a question has most often in the training data. */
export function usualAnswers(train: readonly PictureQuestion[], test: readonly PictureQuestion[]): Accuracy {
  const counts = new Map<string, Map<string, number>>();
  for (const { question, answer } of train) {
    const own = counts.get(question) ?? new Map<string, number>();
    counts.set(question, own.set(answer, (own.get(answer) ?? 0) + 1));
  }
  const usual = new Map([...counts].map(([question, own]) => [question, mostFrequent(own)]));
  return { right: test.filter(({ question, answer }) => usual.get(question) === answer).length, asked: test.length };
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  return [...counts].reduce((best, own) => (own[1] > best[1] ? own : best))[0];
}
