import type { PictureQuestion } from './data/picture-question';

/** Weights by which each answer to a question comes as often as any other to any question: `weights` of `train`. */
export function evenAnswers(questions: readonly PictureQuestion[]): number[] {
  const keyOf = ({ question, answer }: PictureQuestion) => JSON.stringify([question, answer]);
  const counts = new Map<string, number>();
  for (const one of questions) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return questions.map((one) => 1 / counts.get(keyOf(one))!);
}
