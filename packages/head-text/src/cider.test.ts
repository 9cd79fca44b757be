import { readFileSync } from 'node:fs';
import { ConfigError, hostTensor } from '@polymodal/core';
import { expect, it } from 'vitest';
import { cider } from './cider';
import { writtenFigures, writtenRowFigures } from './written-figures';

interface Case {
  readonly candidates: readonly string[];
  readonly references: readonly (readonly string[])[];
  readonly score: number;
  readonly scores: readonly number[];
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('../fixtures/cider.json', import.meta.url), 'utf8'));

it('gives the CIDEr-D of pycocoevalcap, of each text and of all', () => {
  for (const { candidates, references, score, scores } of cases) {
    const own = cider(candidates, references);
    expect(own.score).toBeCloseTo(score, 10);
    own.scores.forEach((value, index) => {
      expect(value).toBeCloseTo(scores[index], 10);
    });
  }
});

it('counts words without their case and punctuation, and Chinese characters one by one', () => {
  const references = [['a red circle, and a dog'], ['une forêt verte'], ['红色的圆形物体']];
  const { scores } = cider(['A red circle and – a dog.', 'Une fore\u0302t verte!', '红色的 圆形物体。'], references);
  expect(scores[0]).toBeCloseTo(10, 10);
  expect(scores[1]).toBeCloseTo(7.5, 10); // three words have no n-gram of four
  expect(scores[2]).toBeCloseTo(10, 10);
  expect(cider(['a dog'], [['a dog']]).score).toBe(0); // whose words all texts have
});

it.each([
  [[], [], 'a list of texts, at least one'],
  [['a'], [], 'a list of references for each of 1 texts, received 0'],
  [['a', 'b'], [['a'], []], 'one reference or more, texts, for place 1'],
  [['a'], ['a'], 'one reference or more, texts, for place 0'],
  [[1], [['a']], 'a text at place 0'],
  [['a'], [new Array(1)], 'one reference or more, texts, for place 0'],
])('refuses %j with references %j', (candidates, references, message) => {
  expect(() => cider(candidates as string[], references as string[][])).toThrow(ConfigError);
  expect(() => cider(candidates as string[], references as string[][])).toThrow(message);
});

it('is told of what heads write, over the rows with a target, each its one reference', () => {
  const texts = ['a red dog runs', 'a dog', 'two cats sit there', 'nobody asked'];
  const target = { endTokenId: 9, decode: (ids: readonly number[]) => texts[ids[0]] };
  const targets = [0, 2, 2].map((text) => ({ ids: hostTensor(Uint16Array.of(7, text, 9), [3]) }));
  const predictions = texts.map((text) => ({ text, ids: new Int32Array(), finishReason: 'stop' as const }));
  const judged = { predictions, targets: [...targets, undefined], target, given: 1 };
  const { score, scores } = cider(texts.slice(0, 3), [[texts[0]], [texts[2]], [texts[2]]]);
  expect(writtenFigures(judged, ['cider'])).toEqual({ accuracy: 2 / 3, cider: score });
  expect(writtenRowFigures(judged, ['cider'])).toEqual({ cider: scores });
  expect(writtenFigures(judged, [])).toEqual({ accuracy: 2 / 3 });
  expect(writtenFigures({ ...judged, targets: [] }, ['cider'])).toEqual({});
});
