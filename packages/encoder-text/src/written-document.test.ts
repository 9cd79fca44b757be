import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DocumentPart, parseConfig, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentOptions } from './document-options';
import { FileTokenizer } from './file-tokenizer';
import { TextProcessor } from './text-processor';
import type { DocumentPiece } from './tokenizer';
import { writtenPlace } from './written-place';

const tokens = ['<image>', '<edge>', '<whole>', '<1.1>', '<1.2>', '<2.1>', '<2.2>'];

/** A tokenizer that finds these tokens in texts before all else. */
function tokenizerOf(truncationSide: 'left' | 'right' = 'right'): FileTokenizer {
  const file = JSON.parse(readFileSync(fileURLToPath(new URL('../fixtures/word-piece.json', import.meta.url)), 'utf8'));
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const added = tokens.map((content, index) => ({ id: 1000 + index, content, ...flags }));
  const bytes = Buffer.from(JSON.stringify({ ...file, added_tokens: [...file.added_tokens, ...added] }));
  return new FileTokenizer(bytes, 'tokenizer.json', { truncationSide });
}

const idOf = (token: string) => tokenizerOf().placeholderId(token);

const around = { image: { tile: '<edge><{row}.{column}>', rowEnd: ' and', tilesEnd: ' so', whole: '<edge><whole>', end: '<edge>' } }; // biome-ignore format: as one line it reads like what it writes
const options = parseConfig(z.object(documentOptions), { placeholder: { image: '<image>' }, around }, '');

const own = (raw: string): DocumentPart<string> => ({ kind: 'own', raw, where: 'part' });
const place = (rows = 0, columns = 0, where = 'part'): DocumentPart<string> => ({
  ...{ kind: 'place', slot: 'image', where },
  pieces: { count: rows * columns + 1, grid: [rows, columns] },
});

describe('a place of a document', () => {
  it('has a placeholder for each piece, and what the slot writes around them', () => {
    const processor = new TextProcessor({ maxLength: 100, bucketSize: 4, ...options }, tokenizerOf());
    const { features, places } = processor.interleave([own('one'), place(2, 2), own('two'), place()]);
    const written =
      'one<edge><1.1><image><edge><1.2><image> and<edge><2.1><image><edge><2.2><image> and so<edge><whole><image><edge>' +
      'two<edge><whole><image><edge>';
    const { ids } = tokenizerOf().encode(written, 100);
    expect([...features.inputIds.data]).toEqual([...ids]);
    expect([...places].filter((own) => own >= 0)).toEqual([0, 0, 0, 0, 0, 1]);
    for (const [index, own] of places.entries()) expect(own >= 0).toBe(ids[index] === idOf('<image>'));
  });

  it.each<[Parameters<typeof place>, number, object, (string | null)[]]>([
    [[], 1, {}, [null]],
    [[1, 2], 3, {}, [null, null, null]],
    [[1, 2], 3, { tile: '{column}/{row}', rowEnd: '|' }, ['1/1', null, '2/1', null, '|', null]],
    [[1, 1], 3, { whole: 'w', tilesEnd: '.', end: '!' }, [null, '.', 'w', null, 'w', null, '!']],
    [[0, 0], 1, { tile: 't', rowEnd: 'r', tilesEnd: 's' }, [null]],
  ])('of %j is written with %j pieces and %j', (grid, count, given, expected) => {
    const pieces = { count, grid: [grid[0] ?? 0, grid[1] ?? 0] as const };
    const { image: own } = parseConfig(z.object(documentOptions), { around: { image: given } }, '').around!;
    const texts = (piece: DocumentPiece) => ('text' in piece ? piece.text : null);
    expect(writtenPlace({ pieces }, undefined, own).map(texts)).toEqual(expected);
  });
});

describe.each(['right', 'left'] as const)('a document of pictures in tiles that is cut at the %s', (side) => {
  const parts = [place(1, 2), own('one two three'), place(), own('four five'), place(2, 1), own('six')];
  const pieces = [3, 1, 3];
  const tokenizer = tokenizerOf(side);
  const cutAt = (maxLength: number) =>
    new TextProcessor({ maxLength, bucketSize: 4, ...options, longDocuments: 'cut' }, tokenizer).interleave(parts);
  const all = cutAt(1000).places.length;

  it('keeps pictures whole, with all that is written around them, whatever room there is', () => {
    const seen = new Set<string>();
    for (let maxLength = 4; maxLength <= all; maxLength++) {
      const { features, places } = cutAt(maxLength);
      const ids = [...features.inputIds.data];
      expect(ids.length).toBeLessThanOrEqual(maxLength);
      const kept = pieces.map((_, index) => places.filter((own) => own === index).length);
      kept.forEach((count, index) => expect([0, pieces[index]]).toContain(count));
      const standing = kept.filter((count) => count > 0).length;
      expect(kept.slice(...(side === 'right' ? [0, standing] : [-standing || 3]))).not.toContain(0);
      const count = (token: string) => ids.filter((id) => id === idOf(token)).length;
      const placeholders = kept.reduce((sum, own) => sum + own, 0);
      expect(count('<image>')).toBe(placeholders);
      expect(count('<whole>')).toBe(standing);
      expect(count('<edge>')).toBe(placeholders + standing);
      seen.add(kept.join());
    }
    expect(seen.size).toBe(4); // none, one, two and all of them
  });

  it('is refused, unless it is to be cut, where a picture would lose anything', () => {
    const refusing = (maxLength: number) =>
      new TextProcessor({ maxLength, bucketSize: 4, ...options }, tokenizer).interleave([...parts]);
    expect(refusing(all).places).toEqual(cutAt(all).places);
    for (let maxLength = 4; maxLength < all; maxLength++) {
      const isWhole = new Set(cutAt(maxLength).places.filter((own) => own >= 0)).size === pieces.length;
      if (isWhole) expect(refusing(maxLength).places).toEqual(cutAt(maxLength).places);
      else expect(() => refusing(maxLength)).toThrow(SampleError);
    }
    expect(() => refusing(all - 8)).toThrow(
      `at most ${all - 8} tokens, a placeholder for each value among them, received ${all},`,
    );
  });
});
