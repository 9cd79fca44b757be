import { RandomKey } from '@polymodal/core';
import type { Turn } from '@polymodal/encoder-text';
import { describe, expect, it } from 'vitest';
import { askedAbout, descriptions, dialogues, heldOutQuestions, kinds, namings, toldDialogues } from './make-dialogues';

const turnsOf = (sample: object) => (sample as { readonly text: readonly Turn[] }).text;
const key = RandomKey.from(5);

/** What is said of each colour in a description: "a red circle" makes red a circle. */
function shapesIn(description: string): Map<string, string> {
  return new Map([...description.matchAll(/an? (\w+) (\w+)/g)].map(([, colour, shape]) => [colour, shape]));
}

describe('dialogues', () => {
  it('have three turns, and a picture behind the first question of three in four', () => {
    const made = dialogues(40, key);
    for (const [index, sample] of made.entries()) {
      const [system, ...turns] = turnsOf(sample);
      expect(system).toEqual({ role: 'system', content: '' });
      expect(turns.map(({ role }) => role)).toEqual(Array(3).fill(['user', 'assistant']).flat());
      const pictures = turns.filter(({ content }) => typeof content !== 'string');
      expect(pictures).toEqual(index % 4 === 3 ? [] : [turns[0]]);
    }
  });

  it('answer what is described: shapes, and what is left of what', () => {
    let [shapes, places] = [0, 0];
    for (const sample of toldDialogues(40, key)) {
      const [, first, ...rest] = turnsOf(sample);
      const description = String(first.content).slice(0, String(first.content).indexOf('.'));
      const objects = [...shapesIn(description)];
      const said = [String(first.content).slice(description.length + 2), ...rest.map(({ content }) => String(content))];
      for (let i = 0; i < said.length; i += 2) {
        const [question, answer] = [said[i], said[i + 1]];
        const asked = objects.filter(([colour]) => question.includes(colour));
        if (/shape/i.test(question)) {
          shapes++;
          expect(answer).toBe(asked[0][1]);
        } else {
          places++;
          const at = (own: (typeof objects)[number]) => question.indexOf(own[0]);
          expect(answer).toBe(at(asked[0]) < at(asked[1]) ? 'yes' : 'no'); // objects stand from left to right
        }
      }
    }
    expect(Math.min(shapes, places)).toBeGreaterThan(20);
  });

  it('are drawn anew for each key, and begin with descriptions of their own pictures', () => {
    expect(descriptions(2, key)).toEqual(descriptions(2, key));
    expect(descriptions(2, key)).not.toEqual(descriptions(2, key.fold('other')));
    const described = descriptions(3, key).map((sample) => turnsOf(sample).slice(1));
    for (const [index, [question, answer]] of described.entries()) {
      expect(question.content).toMatchObject([
        { text: 'What is in the picture, from left to right?\n' },
        { image: { width: 48 } },
      ]);
      expect(shapesIn(String(answer.content)).size).toBe(index + 1);
    }
  });

  it('name what is seen: as many descriptions as shapes', () => {
    const answers = namings(6, key).map((sample) => String(turnsOf(sample).at(-1)!.content));
    expect(answers.map((answer) => shapesIn(answer).size)).toEqual([1, 0, 2, 0, 3, 0]);
    for (const index of [1, 3, 5]) expect(['circle', 'square', 'triangle']).toContain(answers[index]);
  });

  it('ask of each kind in turn about pictures of their own', () => {
    const questions = heldOutQuestions(8, key);
    expect(questions.map(({ kind }) => kind)).toEqual([...kinds, ...kinds]);
    expect(new Set(questions.map(({ image }) => image)).size).toBe(8);
    expect(turnsOf(askedAbout(questions[1])).at(-1)!.role).toBe('user');
  });
});
