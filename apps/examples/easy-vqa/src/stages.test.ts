import type { Model, Prediction } from '@polymodal/core';
import { expect, it } from 'vitest';
import type { VqaModel } from './models/vqa-model';
import { samplesIn, stagesOf } from './stages';

const image = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) } as const;
const questions = ['yes', 'circle', 'no', 'red'].map((answer) => ({ image, question: `${answer}?`, answer }));
const vqa: VqaModel = {
  model: {} as Model,
  frozen: [],
  ask: ({ question }) => ({ text: question }),
  target: (answer) => ` ${answer}`,
  answerIn: ({ answer }: Prediction) => String(answer),
};

it('learns at first from questions that are not answered by yes or no', () => {
  const [see, answer] = stagesOf('film', vqa, questions, { epochs: 5, steps: 7 });
  expect(see.data.open.map(({ text, targets }) => [text, targets!.answer])).toEqual([
    ['circle?', ' circle'],
    ['red?', ' red'],
  ]);
  expect(answer.data.all).toHaveLength(4);
  expect([samplesIn(see), samplesIn(answer)]).toEqual([2 * 2, 5 * 4]);
});

it('has a language model learn to name what it sees, to compare, and to answer, in so many steps', () => {
  const [name, compare, answer, ...others] = stagesOf('hybrid', vqa, questions, { epochs: 5, steps: 16 });
  expect([name.data.open.length, compare.data.all.length, answer.data.all.length]).toEqual([2, 4, 4]);
  expect([samplesIn(name), samplesIn(compare), samplesIn(answer), others]).toEqual([2 * 16, 8 * 16, 6 * 16, []]);
});

it('has each answer to a question compared as often as the other', () => {
  const again = ['no', 'no', 'yes', 'no'].map((answer) => ({ image, question: 'is it?', answer }));
  const [, compare] = stagesOf('hybrid', vqa, [...again, ...questions], { epochs: 5, steps: 16 });
  expect(compare.weights!.all).toEqual([1 / 3, 1 / 3, 1, 1 / 3, 1, 1, 1, 1]);
});
