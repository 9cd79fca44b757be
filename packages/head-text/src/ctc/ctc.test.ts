import { describe, expect, it } from 'vitest';
import known from '../../fixtures/ctc-texts.json' with { type: 'json' };
import { characterErrorRate, wordErrorRate } from '../error-rates';
import { alignLabels, logProbabilityOf } from './align-labels';
import { bestPath, type FrameLogProbabilities } from './best-path';
import { CtcVocabulary } from './ctc-vocabulary';
import { readText } from './read-texts';
import { searchPrefixes } from './search-prefixes';

const { tokens, decoded, encoded, searched, rates } = known;
const ofCheckpoint = { tokens, blank: 0, delimiter: '|', unknown: '<unk>' };

/** Frames in which each token of a path is the likeliest. */
function framesOf(path: readonly number[], size: number): FrameLogProbabilities {
  const data = path.flatMap((own) =>
    Array.from({ length: size }, (_, id) => Math.log(id === own ? 0.5 : 0.5 / (size - 1))),
  );
  return { data, frames: path.length, size };
}

/** Log-probabilities that are random, (T, V). */
function randomFrames(frames: number, size: number, seed: number): FrameLogProbabilities {
  let state = seed;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const data = Array.from({ length: frames }, () => {
    const row = Array.from({ length: size }, () => draw() ** 3 + 1e-3);
    const sum = row.reduce((all, one) => all + one, 0);
    return row.map((one) => Math.log(one / sum));
  }).flat();
  return { data, frames, size };
}

/** log p of every text that can be written, by way of every path. */
function everyText({ data, frames, size }: FrameLogProbabilities, blank: number): Map<string, number> {
  const texts = new Map<string, number>();
  for (let way = 0; way < size ** frames; way++) {
    const path = Array.from({ length: frames }, (_, t) => Math.floor(way / size ** t) % size);
    const ids = path.filter((id, t) => id !== blank && id !== path[t - 1]);
    const probability = Math.exp(path.reduce((sum, id, t) => sum + data[t * size + id], 0));
    texts.set(String(ids), (texts.get(String(ids)) ?? 0) + probability);
  }
  return texts;
}

/** The search of Hannun et al. 2014, algorithm 1, with all texts of a frame in one table. */
function plainSearch({ data, frames, size }: FrameLogProbabilities, numBeams: number, blank: number) {
  let kept = new Map<string, [inBlank: number, inLabel: number]>([['', [1, 0]]]);
  for (let frame = 0; frame < frames; frame++) {
    const next = new Map<string, [number, number]>();
    const add = (text: string, inBlank: number, inLabel: number) => {
      const [before, other] = next.get(text) ?? [0, 0];
      next.set(text, [before + inBlank, other + inLabel]);
    };
    for (const [text, [inBlank, inLabel]] of kept) {
      const last = text === '' ? -1 : Number(text.split(',').at(-1));
      for (let id = 0; id < size; id++) {
        const p = Math.exp(data[frame * size + id]);
        const longer = text === '' ? String(id) : `${text},${id}`;
        if (id === blank) add(text, p * (inBlank + inLabel), 0);
        else if (id === last) {
          add(text, 0, p * inLabel);
          add(longer, 0, p * inBlank);
        } else add(longer, 0, p * (inBlank + inLabel));
      }
    }
    const sorted = [...next].sort(([, a], [, b]) => b[0] + b[1] - a[0] - a[1]).filter(([, [a, b]]) => a + b > 0);
    kept = new Map(sorted.slice(0, numBeams));
  }
  return [...kept].map(([text, [inBlank, inLabel]]) => [text, Math.log(inBlank + inLabel)] as const);
}

describe('a vocabulary', () => {
  it.each(encoded)('reads "$text" as Python does', ({ text, ids, lower }) => {
    expect([...new CtcVocabulary({ ...ofCheckpoint, lowerCase: false }).encode(text)]).toEqual(ids);
    expect([...new CtcVocabulary({ ...ofCheckpoint, lowerCase: true }).encode(text)]).toEqual(lower);
  });

  it.each(decoded)('spells the frames $path as Python does, with its words', async ({ path, text, lower, words }) => {
    const asked = { numBeams: 1, numReturnSequences: 1 };
    const read = (lowerCase: boolean) => {
      const vocabulary = new CtcVocabulary({ ...ofCheckpoint, lowerCase });
      return readText(framesOf(path, tokens.length), { vocabulary, frameSeconds: 0.02, asked });
    };
    const cased = await read(false);
    expect(cased.text).toBe(text);
    expect(cased.words.map((word) => [word.text, word.startFrame, word.endFrame])).toEqual(words);
    expect((await read(true)).text).toBe(lower);
    for (const { startFrame, start, end, endFrame } of cased.words) {
      expect([start, end]).toEqual([0.02 * startFrame, 0.02 * endFrame]);
    }
  });

  it('may be words, and refuses others by name', () => {
    const words = new CtcVocabulary(['one', 'two']);
    expect([words.size, words.blank, ...words.encode(' two  one ')]).toEqual([3, 0, 2, 1]);
    expect(words.decode([0, 2, 0, 1])).toBe('two one');
    expect(() => words.encode('one three')).toThrow('"three"');
    expect(() => new CtcVocabulary('ab').encode('a b')).toThrow('" "');
  });
});

describe('reading frames', () => {
  it.each([1, 2, 3])('finds with enough beams what every path together says is likeliest, draw %i', async (seed) => {
    const frames = randomFrames(6, 3, seed);
    const texts = everyText(frames, 0);
    const found = await searchPrefixes(frames, { numBeams: 1000, blank: 0 });
    expect(found.length).toBe([...texts.values()].filter((p) => p > 0).length);
    const sorted = [...texts].sort(([, a], [, b]) => b - a);
    found.slice(0, 20).forEach(({ ids, labels, score }, place) => {
      expect(String(ids)).toBe(sorted[place][0]);
      expect(score).toBeCloseTo(Math.log(sorted[place][1]), 9);
      expect(logProbabilityOf(frames, ids, 0)).toBeCloseTo(score, 9);
      const aligned = alignLabels(frames, ids, 0);
      expect(aligned.logProbability).toBeCloseTo(score, 9);
      expect(labels).toEqual(aligned.labels);
    });
  });

  it('keeps one prefix a text, also of those that were dropped in between', async () => {
    for (let seed = 1; seed < 40; seed++) {
      const found = await searchPrefixes(randomFrames(24, 3, seed), { numBeams: 6, blank: 0 });
      expect(new Set(found.map(({ ids }) => String(ids))).size).toBe(found.length);
    }
  });

  it.each(searched)('finds "$text" as pyctcdecode does', async ({ frames, text }) => {
    const vocabulary = new CtcVocabulary({
      tokens: [' ', 'a', 'b', 'c', '∅'],
      blank: 4,
      delimiter: ' ',
      lowerCase: false,
    });
    const known = { data: frames.flat(), frames: frames.length, size: 5 };
    const found = await searchPrefixes(known, { numBeams: 500, blank: 4 });
    // It takes several spaces for one, and so sums over texts that differ in them alone.
    const sums = new Map<string, number>();
    for (const { ids, score } of found) {
      const own = vocabulary.decode(ids).replace(/ +/g, ' ');
      sums.set(own, (sums.get(own) ?? 0) + Math.exp(score));
    }
    const [[best]] = [...sums].sort(([, a], [, b]) => b - a);
    expect(best).toBe(text);
  });

  it('is guided by what else is known of texts', async () => {
    const frames = randomFrames(6, 3, 4);
    const without2 = await searchPrefixes(frames, {
      numBeams: 50,
      blank: 0,
      scoreLabel: (_, id) => (id === 2 ? Number.NEGATIVE_INFINITY : 0),
    });
    const texts = everyText(frames, 0);
    expect(without2.every(({ ids }) => !ids.includes(2))).toBe(true);
    expect(without2[0].score).toBeCloseTo(Math.log(texts.get(String(without2[0].ids))!), 9);
    const unknown = searchPrefixes(frames, { numBeams: 2, blank: 0, scoreLabel: () => Number.NaN });
    await expect(unknown).rejects.toThrow('scoreLabel');
    const spoilt = { ...frames, data: new Float64Array(18).fill(Number.NaN) };
    await expect(searchPrefixes(spoilt, { numBeams: 2, blank: 0 })).rejects.toThrow(/frame 0.*text is possible.*NaN/s);
  });

  it('keeps what a search among all labels at once would keep', async () => {
    for (let seed = 1; seed < 20; seed++) {
      const frames = randomFrames(10, 5, seed);
      for (const numBeams of [1, 2, 5]) {
        const found = await searchPrefixes(frames, { numBeams, blank: 2 });
        const known = plainSearch(frames, numBeams, 2);
        expect(found.map(({ ids }) => String(ids))).toEqual(known.map(([ids]) => ids));
        found.forEach(({ score }, place) => {
          expect(score).toBeCloseTo(known[place]![1], 9);
        });
      }
    }
  });

  it('refuses a search that would take too long before it begins, and stops in the middle where it is asked to', async () => {
    const frames = randomFrames(6, 3, 1);
    const large = searchPrefixes(frames, { numBeams: 8, blank: 0, maxCandidates: 143 });
    await expect(large).rejects.toThrow(/at most 143 candidates.*received 8 × 3 × 6, 144/s);
    expect(await searchPrefixes(frames, { numBeams: 8, blank: 0, maxCandidates: 144 })).toHaveLength(8);
    await expect(searchPrefixes(frames, { numBeams: 2, blank: 3 })).rejects.toThrow('from 0 to 2');
    await expect(searchPrefixes({ ...frames, frames: 7 }, { numBeams: 2, blank: 0 })).rejects.toThrow('7 × 3 numbers');
    // A search of half a million candidates, in which timers have their turn after 2¹⁶ each.
    const long = randomFrames(700, 40, 2);
    const stopping = new AbortController();
    let asked = 0;
    const scoreLabel = () => {
      if (asked++ === 0) setTimeout(() => stopping.abort(new Error('enough')));
      return 0;
    };
    const search = searchPrefixes(long, { numBeams: 20, blank: 0, scoreLabel, signal: stopping.signal });
    await expect(search).rejects.toThrow('enough');
    expect(asked).toBeLessThan(400_000);
    const stopped = AbortSignal.abort(new Error('not at all'));
    await expect(searchPrefixes(frames, { numBeams: 2, blank: 0, signal: stopped })).rejects.toThrow('not at all');
  });

  it('gives each label the frames of the likeliest way', () => {
    const path = [0, 1, 1, 0, 1, 2, 2];
    const frames = framesOf(path, 3);
    const labels = bestPath(frames, 0);
    expect(labels.map(({ id, startFrame, endFrame }) => [id, startFrame, endFrame])).toEqual([
      [1, 1, 3],
      [1, 4, 5],
      [2, 5, 7],
    ]);
    expect(alignLabels(frames, [1, 1, 2], 0).labels).toEqual(labels);
    expect(alignLabels(framesOf([1, 1], 3), [1, 1], 0).logProbability).toBe(Number.NEGATIVE_INFINITY);
    const hours = { data: [], frames: 2 ** 20, size: 3 };
    expect(() => alignLabels(hours, new Int32Array(2 ** 10), 0)).toThrow(/1073741824 pairs.*received 1048576 × 2049/s);
  });
});

describe('error rates', () => {
  it('are those of jiwer', () => {
    rates.pairs.forEach(([said, written], index) => {
      expect(wordErrorRate([said], [written])).toBeCloseTo(rates.words[index], 12);
      expect(characterErrorRate([said], [written])).toBeCloseTo(rates.characters[index], 12);
    });
    const [said, written] = [0, 1].map((side) => rates.pairs.map((pair) => pair[side]));
    expect(wordErrorRate(said, written)).toBeCloseTo(rates.allWords, 12);
    expect(characterErrorRate(said, written)).toBeCloseTo(rates.allCharacters, 12);
    expect(() => wordErrorRate(['a'], [])).toThrow('a list of 1 texts');
    expect(() => wordErrorRate(['a'], new Array<string>(1))).toThrow('a list of 1 texts');
    expect(() => wordErrorRate([' '], ['a'])).toThrow('texts with something in them');
  });
});
