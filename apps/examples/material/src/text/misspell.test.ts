import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { misspell, type TypingErrors, unreadable } from './misspell';
import { numberWords } from './number-words';
import { slipsOf } from './slips';

const key = RandomKey.from(11);
const often: TypingErrors = {
  errorRate: [0.2, 0.75],
  errors: { neighbour: 3, drop: 2, double: 1, transpose: 1, unreadable: 3 },
};
const english = slipsOf(numberWords[0]);
const only = (error: keyof TypingErrors['errors'], rate = 1): TypingErrors => ({
  errorRate: [rate, rate],
  errors: { neighbour: 0, drop: 0, double: 0, transpose: 0, unreadable: 0, [error]: 1 },
});

describe('numberWords', () => {
  it('has ten different words in each of fourteen languages, in composed form', () => {
    expect(new Set(numberWords.map(({ language }) => language)).size).toBe(14);
    for (const { words } of numberWords) {
      expect(new Set(words).size).toBe(10);
      for (const word of words) expect(word).toBe(word.normalize('NFC'));
    }
  });

  it('agrees with the digits of Unicode where words are single characters', () => {
    const chinese = numberWords.find(({ language }) => language === 'zh')!;
    const format = new Intl.NumberFormat('zh-u-nu-hanidec');
    for (let digit = 1; digit < 10; digit++) expect(chinese.words[digit]).toBe(format.format(digit));
  });

  it('is written from right to left in two languages', () => {
    const rightToLeft = numberWords.filter(({ words }) =>
      words.every((word) => /^[\p{Script=Arabic}\p{Script=Hebrew}]+$/u.test(word)),
    );
    expect(rightToLeft.map(({ language }) => language)).toEqual(['ar', 'he']);
  });
});

describe('slipsOf', () => {
  it('takes the keys around the right one', () => {
    expect([...english.get('s')!].sort()).toEqual([...'acdeqwxz']);
    expect(slipsOf(numberWords[1]).get('z')).toContain('u'); // QWERTZ
  });

  it('loses an accent that has no key', () => {
    const french = slipsOf(numberWords.find(({ language }) => language === 'fr')!);
    expect(french.get('é')).toEqual(['e']);
  });

  it('offers another character of the language for every character of every word', () => {
    for (const language of numberWords) {
      for (const [character, others] of slipsOf(language)) {
        expect(others.length).toBeGreaterThan(0);
        expect(others).not.toContain(character);
      }
    }
  });
});

describe('misspell', () => {
  it('types correctly at an error rate of 0', () => {
    for (const language of numberWords) {
      for (const word of language.words) expect(misspell(word, slipsOf(language), only('drop', 0), key)).toBe(word);
    }
  });

  it('makes the errors that it is asked to make', () => {
    expect(misspell('seven', english, only('double'), key)).toBe('sseevveenn');
    expect(misspell('seven', english, only('unreadable'), key)).toBe(unreadable.repeat(5));
    expect(misspell('seven', english, only('drop'), key)).toBe(unreadable); // nothing is left of it
    expect(misspell('ab', english, only('transpose'), key)).toBe('ba');
    const slipped = misspell('seven', english, only('neighbour'), key);
    expect(slipped).toHaveLength(5);
    [...slipped].forEach((character, i) => expect(english.get('seven'[i])).toContain(character));
  });

  it('makes as many as the rate says', () => {
    const wrong = Array.from({ length: 400 }, (_, n) =>
      misspell('seven', english, only('unreadable', 0.3), key.fold(n)),
    )
      .join('')
      .split(unreadable).length;
    expect(Math.abs(wrong / 2000 - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 2000)); // four standard errors
  });

  it('is never empty, stays composed, and follows from the key alone', () => {
    for (const language of numberWords) {
      const slips = slipsOf(language);
      for (const [digit, word] of language.words.entries()) {
        for (let n = 0; n < 20; n++) {
          const typed = misspell(word, slips, often, key.fold(n).fold(digit));
          expect(typed).not.toBe('');
          expect(typed).toBe(typed.normalize('NFC'));
          expect(typed).toBe(misspell(word, slips, often, key.fold(n).fold(digit)));
        }
      }
    }
  });
});
