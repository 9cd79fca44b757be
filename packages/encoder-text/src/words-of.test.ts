import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ByteTokenizer } from './byte-tokenizer';
import { FileTokenizer } from './file-tokenizer';

/** Of DataCollatorForLanguageModeling: see tools/parity/pretraining.py. */
const fixture = JSON.parse(readFileSync(new URL('../fixtures/words.json', import.meta.url), 'utf8')) as {
  tokenizer: object;
  texts: string[];
  words: number[][];
};

/** The same numbers counted from 0. */
const renumbered = (words: ArrayLike<number>) => {
  const known = [...new Set(Array.from(words).filter((word) => word >= 0))];
  return Array.from(words, (word) => known.indexOf(word));
};

describe('words of tokens', () => {
  it('are those of Python, as a WordPiece writes them', () => {
    const tokenizer = new FileTokenizer(new TextEncoder().encode(JSON.stringify(fixture.tokenizer)), 'words.json');
    fixture.texts.forEach((text, index) => {
      const { ids } = tokenizer.encode(text, 64);
      expect(renumbered(tokenizer.wordsOf(ids))).toEqual(renumbered(fixture.words[index]));
    });
    expect(tokenizer.maskId).toBe(4);
    expect(tokenizer.specialIds).toEqual([0, 1, 2, 3, 4]);
  });

  it('begin at white space, of bytes', () => {
    const tokenizer = new ByteTokenizer();
    const { ids } = tokenizer.encode('süß,  ja!', 64);
    expect([...tokenizer.wordsOf(ids)]).toEqual([-1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1]);
    expect([tokenizer.maskId, tokenizer.specialIds]).toEqual([0, [0, 1, 2]]);
  });
});
