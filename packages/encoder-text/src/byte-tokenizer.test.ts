import { describe, expect, it } from 'vitest';
import { ByteTokenizer } from './byte-tokenizer';

const tokenizer = new ByteTokenizer();

/** The text between the start (2) and the end token (1), read back through UTF-8. */
function textOf(ids: Int32Array): string {
  expect([ids[0], ids.at(-1)]).toEqual([2, 1]);
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(ids.subarray(1, -1), (id) => id - 3));
}

describe('ByteTokenizer', () => {
  it('encodes the bytes of UTF-8, shifted by 3, between a start and an end token', () => {
    expect([...tokenizer.encode('Aé', 10).ids]).toEqual([2, 0x41 + 3, 0xc3 + 3, 0xa9 + 3, 1]);
    expect(tokenizer.vocabSize).toBe(259);
  });

  it.each(['三只狗', 'שבע חתולים', 'سبعة', '👩‍👩‍👧 🇩🇪', '\u0000 \t\n\u3000', 'naïve', ''])(
    'loses nothing of %j',
    (text) => {
      const { ids, truncated } = tokenizer.encode(text, 100);
      expect(textOf(ids)).toBe(text.normalize('NFC'));
      expect(truncated).toBe(false);
      expect(ids.every((id) => id > 0 && id < tokenizer.vocabSize)).toBe(true);
    },
  );

  it('gives the same ids to a letter in one code point and in two', () => {
    expect(tokenizer.encode('cafe\u0301', 100)).toEqual(tokenizer.encode('caf\u00e9', 100));
  });

  it('refuses what is no text', () => {
    for (const wrong of [undefined, null, 3, ['a'], Symbol('s')])
      expect(() => tokenizer.encode(wrong as never, 10)).toThrow(/^text: expected a string, received/);
  });

  it('replaces half a surrogate pair', () => {
    expect(textOf(tokenizer.encode('a\ud83d!', 100).ids)).toBe('a\ufffd!');
  });

  it('cuts a long text between two characters and keeps the end token', () => {
    const text = 'ab三只狗'; // 2 + 3 · 3 bytes
    for (const [maxLength, expected] of [
      [13, text],
      [12, 'ab三只'],
      [10, 'ab三只'],
      [9, 'ab三'],
      [5, 'ab'],
      [4, 'ab'],
    ] as const) {
      const { ids, truncated } = tokenizer.encode(text, maxLength);
      expect(textOf(ids)).toBe(expected);
      expect(ids.length).toBeLessThanOrEqual(maxLength);
      expect(truncated).toBe(expected !== text);
    }
  });
});

it('writes what goes on behind a text without its own beginning and end, and reads it back', () => {
  const ids = tokenizer.encodePart('süß 🍓');
  expect([...ids]).toEqual(Array.from(Buffer.from('süß 🍓'), (byte) => byte + 3));
  expect(tokenizer.decode([2, ...ids, ...tokenizer.endIds])).toBe('süß 🍓');
  expect(tokenizer.decode([...ids].slice(0, 2))).toBe('s\uFFFD');
});
