import { expect, it } from 'vitest';
import { isResults, resultsTable } from './results';
import { someOf } from './some-of';
import { usualAnswers } from './usual-answers';

const image = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) } as const;
const asked = (question: string, ...answers: string[]) => answers.map((answer) => ({ image, question, answer }));

it('knows how far the usual answer to each question comes', () => {
  const train = [...asked('red?', 'no', 'no', 'yes'), ...asked('what?', 'circle')];
  const test = [...asked('red?', 'yes', 'no', 'no'), ...asked('what?', 'circle', 'triangle'), ...asked('new?', 'yes')];
  expect(usualAnswers(train, test)).toEqual({ right: 3, asked: 6 });
});

it('takes some of a list from all over it, each once', () => {
  const list = Array.from({ length: 10 }, (_, index) => index);
  expect(someOf(list, 4)).toEqual([0, 2, 5, 7]);
  expect(someOf(list)).toEqual(list);
  expect(someOf(list, 99)).toEqual(list);
});

it('shows a line for each method, with an interval of its accuracy', () => {
  const controls = { question: { right: 6, asked: 10 }, picture: { right: 1, asked: 10 } };
  const film = {
    ...{ accuracy: { right: 9, asked: 10 }, controls, parameters: 5000, learned: 4000 },
    ...{ samples: 600, seconds: 120, peakRssBytes: 1 },
  };
  const table = resultsTable({ usualAnswer: { right: 5, asked: 10 }, methods: { film } });
  // Wilson's interval of 9 of 10: (0.9 + 0.19207 ± 0.2271) / 1.38415
  expect(table.split('\n').at(-1)).toMatch(/^film +90.0 % +59.6 – 98.2 +10 +60.0 % +10.0 % +4 k +5 k +5.0 +2.0 min$/);
  expect(isResults({ methods: { film }, usualAnswer: { right: 5, asked: 10 } })).toBe(true);
  expect(isResults({ methods: {} })).toBe(false);
});
