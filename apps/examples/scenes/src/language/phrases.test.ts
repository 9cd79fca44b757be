import { describe, expect, it } from 'vitest';
import type { Colour } from '../scene/edition';
import type { Question, QuestionKind } from '../scene/question';
import { languages, putInWords } from './phrases';

const colours = Object.keys(languages[0].colours) as Colour[];
const kinds = Object.keys(languages[0].questions) as QuestionKind[];
const questions = kinds.flatMap((kind) =>
  colours.flatMap((colour) =>
    (kind === 'left-of' ? colours.filter((other) => other !== colour) : [undefined]).map(
      (other): Question => ({
        kind,
        subject: object(colour),
        ...(other && { other: object(other) }),
        answer: '',
        others: [],
      }),
    ),
  ),
);

function object(colour: Colour): Question['subject'] {
  return { colour, shape: 'circle', x: 0, y: 0, radius: 1 };
}

describe('putInWords', () => {
  it.each(languages.map((language) => [language.tag, language] as const))(
    'tells all questions apart in %s',
    (_, language) => {
      const texts = questions.map((question) => putInWords(question, language));
      expect(new Set(texts).size).toBe(questions.length);
      for (const text of texts) {
        expect(text).not.toMatch(/[{}]/);
        expect(text).toBe(text.normalize('NFC'));
      }
    },
  );

  it('inflects colours where a language does', () => {
    const [, german] = languages;
    const [nearest] = questions.filter(({ kind, subject }) => kind === 'nearest-shape' && subject.colour === 'red');
    expect(putInWords(nearest, german)).toBe('Welche Form hat das Objekt, das dem roten am nächsten ist?');
  });
});
