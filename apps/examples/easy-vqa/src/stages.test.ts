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

it('has a language model learn to name what it sees, and then from all questions, in so many steps', () => {
  const [name, look, ...others] = stagesOf('hybrid', vqa, questions, { epochs: 5, steps: 7 });
  expect([name.data.open.length, look.data.all.length]).toEqual([2, 4]);
  expect([samplesIn(name), samplesIn(look), others]).toEqual([2 * 16, 5 * 16, []]);
});
