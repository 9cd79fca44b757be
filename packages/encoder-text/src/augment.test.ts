import {
  type Augmentation,
  changesValues,
  createRegistry,
  makeAugmentations,
  prepareSample,
  RandomKey,
  SampleError,
} from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { deleteWords, swapWords, textAugmentations, typos } from './augment';
import { replaceSynonyms } from './augmentation/replace-synonyms';
import { splitGraphemes } from './augmentation/words';
import { text } from './plugin';
import { synonyms, textSynonyms } from './synonyms';
import { textProcessor } from './text-processor';

async function changed(augmentation: Augmentation, value: string, seed = 0): Promise<string> {
  if (!changesValues(augmentation)) return expect.unreachable();
  return (await augmentation.changeValue(value, RandomKey.from(seed))) as string;
}

const sentence = 'The quick brown fox, they say, jumps over the lazy dog.';
const words = (value: string) => value.match(/\p{L}+/gu) ?? [];

describe('augmentations of texts', () => {
  it('leave words out, each as often as asked, and never all', async () => {
    let kept = 0;
    for (let seed = 0; seed < 300; seed++) {
      const left = words(await changed(deleteWords({ share: 0.2 }), sentence, seed));
      kept += left.length;
      const rest = [...words(sentence)];
      for (const word of left) rest.splice(0, rest.indexOf(word) + 1); // in their order
    }
    const all = 300 * words(sentence).length;
    expect(Math.abs(kept - 0.8 * all)).toBeLessThan(4 * Math.sqrt(all * 0.2 * 0.8));
    expect(words(await changed(deleteWords({ share: 1 }), sentence))).toHaveLength(1);
    expect(await changed(deleteWords({ share: 0 }), sentence)).toBe(sentence);
    expect(await changed(deleteWords({ share: 1 }), '…')).toBe('…');
    const chinese = '机器学习模型需要很多数据';
    const shorter = await changed(deleteWords({ share: 0.4 }), chinese, 2);
    expect(shorter.length).toBeLessThan(chinese.length);
    expect(shorter.length).toBeGreaterThan(0);
  });

  it('have words change places, and leave what is between them', async () => {
    const swapped = await changed(swapWords({ share: 0.1 }), sentence, 1);
    const pairs = words(sentence).map((word, index) => [word, words(swapped)[index]]);
    const moved = pairs.filter(([a, b]) => a !== b);
    expect(moved).toHaveLength(2);
    expect(moved[0]).toEqual([...moved[1]].reverse());
    expect(swapped.replaceAll(/\p{L}+/gu, '')).toBe(sentence.replaceAll(/\p{L}+/gu, ''));
    const first = new Map<string, number>();
    for (let seed = 0; seed < 300; seed++) {
      const own = words(await changed(swapWords({ share: 0 }), 'a b c', seed))[0] as string;
      first.set(own, (first.get(own) ?? 0) + 1);
    }
    expect(Math.abs(first.get('a')! - 100)).toBeLessThan(4 * 8.2); // one of three pairs leaves it where it is
    expect(await changed(swapWords(), 'alone')).toBe('alone');
  });

  it.each([
    ['accents and joined emoji', 'Cafe\u0301 👩‍👩‍👧 nai\u0308ve 🏳️‍🌈 e\u0301te\u0301'],
    ['Devanagari', 'क्षत्रिय नमस्ते दुनिया'],
    ['Thai', 'ที่นี่มีน้ำ'],
    ['Hangul', '한국어 문장입니다'],
  ])('mistype whole characters: %s', async (_, value) => {
    const known = new Set(splitGraphemes(value));
    let differing = 0;
    for (let seed = 0; seed < 100; seed++) {
      const own = await changed(typos({ share: 0.3 }), value, seed);
      expect(splitGraphemes(own).filter((character) => !known.has(character))).toEqual([]);
      if (own !== value) differing++;
    }
    expect(differing).toBeGreaterThan(60);
  });

  it('mistype as many characters as asked, in four ways as often', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const counts = { out: 0, twice: 0, before: 0, other: 0 };
    for (let seed = 0; seed < 1200; seed++) {
      const own = await changed(typos({ share: 0.01 }), letters, seed);
      if (own.length === 25) counts.out++;
      else if (own.length === 27) counts.twice++;
      else if (own !== letters) counts[[...own].sort().join('') === letters ? 'before' : 'other']++;
    }
    const expected = 1200 * 26 * 0.01 * 0.99 ** 25 * 0.25; // with one mistake
    for (const count of Object.values(counts)) expect(Math.abs(count - expected) / expected).toBeLessThan(0.4);
    expect(await changed(typos({ share: 1 }), 'a')).toBe('a');
  });

  it('replace words by their synonyms of WordNet, and nothing else', async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 60; seed++) found.add(await changed(synonyms({ share: 1 }), 'Automobile', seed));
    expect(found).toContain('Machine');
    expect(found).toContain('Motorcar');
    expect(found).not.toContain('Automobile');
    expect(await changed(synonyms({ share: 0 }), sentence)).toBe(sentence);
    const replaced = await changed(synonyms({ share: 1 }), 'It is a lovely automobile, in the Kraftfahrzeug.', 3);
    expect(replaced).toMatch(/^It is a .+, in the Kraftfahrzeug\.$/); // short words and unknown ones stay
    const few = new Map([['quick', ['fast']]]);
    expect(replaceSynonyms(sentence, few, 1, RandomKey.from(0))).toBe(sentence.replace('quick', 'fast'));
  });

  it('are found by name; where the dictionary is, is told', () => {
    const make = (options: object, ...more: (typeof textSynonyms)[]) =>
      makeAugmentations(
        createRegistry([text, textAugmentations, ...more]),
        { note: { use: 'transformer' } },
        { note: [options] },
      );
    expect(make({ use: 'synonyms' }, textSynonyms).note[0].use).toBe('synonyms');
    expect(() => make({ use: 'synonyms' })).toThrow(/encoder-text\/synonyms brings it/);
    expect(() => make({ use: 'typo' })).toThrow(/"typos"/);
    expect(() => make({ use: 'typos', share: 2 })).toThrow(/augment\.note\.0\.share/);
  });
});

describe('a slot of texts', () => {
  it('has texts changed, those in documents too, and refuses what is none', async () => {
    const processor = textProcessor.create(textProcessor.config.parse({}), {
      slot: 'note',
      savedFile: () => undefined,
    });
    const parts = { processors: { note: processor }, targets: {} };
    const context = { training: true, key: RandomKey.from(1), augment: { note: [deleteWords({ share: 1 })] } };
    const idsOf = async (note: unknown) => [
      ...(await prepareSample(parts, { note }, context)).features.note.inputIds.data,
    ];
    const plain = async (note: string) => [
      ...(await prepareSample(parts, { note }, { training: false })).features.note.inputIds.data,
    ];
    expect((await idsOf('one two')).length).toBe((await plain('one')).length);
    expect((await idsOf([{ note: 'one two' }, { note: 'six ten' }])).length).toBe((await plain('one')).length + 3);
    await expect(idsOf(7)).rejects.toThrow(SampleError);
  });
});
