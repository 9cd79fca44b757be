import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { plainScenes, sortOfClevr } from './edition';
import { answersOf, ask, type QuestionKind } from './question';
import { drawScene, type Scene, type SceneObject } from './scene';

const key = RandomKey.from(5);
const at = (colour: SceneObject['colour'], shape: SceneObject['shape'], x: number, y: number): SceneObject => ({
  colour,
  shape,
  x,
  y,
  radius: 4,
});
// The red circle is upper left, the green square near it, the blue circle far off below to the right.
const scene: Scene = {
  objects: [at('red', 'circle', 10, 10), at('green', 'square', 20, 30), at('blue', 'circle', 40, 40)],
};

/** The answers to all questions of a kind, by the colours of the objects that they name. */
function answers(kind: QuestionKind): Record<string, string> {
  const asked = Array.from({ length: 60 }, (_, n) => ask(scene, [kind], plainScenes, key.fold(n)));
  return Object.fromEntries(
    asked.map(({ subject, other, answer }) => [
      [subject, other]
        .map((object) => object?.colour ?? '')
        .join(' ')
        .trim(),
      answer,
    ]),
  );
}

describe('ask', () => {
  it.each<[QuestionKind, Record<string, string>]>([
    ['shape', { red: 'circle', green: 'square', blue: 'circle' }],
    ['left-half', { red: 'yes', green: 'yes', blue: 'no' }],
    ['upper-half', { red: 'yes', green: 'no', blue: 'no' }],
    // √500 = 22.4 from red to green and from green to blue: a tie for green; √1800 from red to blue
    ['nearest-shape', { red: 'square', blue: 'square' }],
    ['nearest-colour', { red: 'green', blue: 'green' }],
    ['farthest-shape', { red: 'circle', blue: 'circle' }],
    ['count', { red: '1', green: '0', blue: '1' }],
    [
      'left-of',
      {
        'red green': 'yes',
        'red blue': 'yes',
        'green red': 'no',
        'green blue': 'yes',
        'blue red': 'no',
        'blue green': 'no',
      },
    ],
  ])('answers %s', (kind, expected) => {
    expect(answers(kind)).toEqual(expected);
  });

  it.each<[QuestionKind, string[]]>([
    ['shape', []],
    ['nearest-colour', ['green']],
    ['farthest-shape', ['blue']],
    ['left-of', ['green']],
    ['count', ['blue']],
  ])('says which other objects the answer to %s turns on', (kind, expected) => {
    const asked = Array.from({ length: 60 }, (_, n) => ask(scene, [kind], plainScenes, key.fold(n)));
    const { others } = asked.find(({ subject, other }) => subject.colour === 'red' && other?.colour !== 'blue')!;
    expect(others.map(({ colour }) => colour)).toEqual(expected);
  });

  it.each([
    ['plain scenes', plainScenes],
    ['Sort-of-CLEVR', sortOfClevr],
  ])('asks of %s every kind as often as the others, with answers among the classes', (_, edition) => {
    const { nonRelational, relational } = edition.questions;
    const kinds = [...nonRelational, ...relational];
    const asked = Array.from({ length: 1200 }, (_, n) => {
      const own = key.fold(n);
      return ask(drawScene(edition, own.fold('scene')), kinds, edition, own);
    });
    for (const kind of kinds) {
      const share = asked.filter((question) => question.kind === kind).length / asked.length;
      expect(Math.abs(share - 1 / kinds.length)).toBeLessThan(0.04); // beyond three standard errors
    }
    const given = new Set(asked.map(({ answer }) => answer));
    for (const answer of given) expect(answersOf(edition)).toContain(answer);
    for (const answer of ['yes', 'no', ...edition.shapes]) expect(given).toContain(answer);
  });
});
