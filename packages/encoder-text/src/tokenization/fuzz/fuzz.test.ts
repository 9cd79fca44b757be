import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Case, checkCase } from './check-case';

const read = (name: string) =>
  readFileSync(new URL(`../../../fixtures/tokenization/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
const fixture = JSON.parse(readFileSync(new URL('../../../fixtures/sentence-piece.json', import.meta.url), 'utf8'));
const charsmap: string = fixture.normalizer.normalizers[0].precompiled_charsmap;

// Made by tools/parity/tokenizer_fuzz.py with Python's tokenizers and transformers.
describe.each(['random-tokenizers.jsonl', 'kinds.jsonl'])('%s', (name) => {
  it.each(read(name).map((line, index) => [index, line]))('tokenizer %i does what it does in Python', (_, line) => {
    const given: Case = JSON.parse(String(line));
    const verdicts = checkCase({ ...given, json: given.json.replaceAll('CHARSMAP', charsmap) });
    const outcomes = new Set(verdicts.map(({ outcome }) => outcome));
    expect(verdicts.filter(({ outcome }) => outcome === 'different')).toEqual([]);
    expect([...outcomes].some((outcome) => outcome === 'equal' || outcome === 'refused by both')).toBe(true);
  });
});
