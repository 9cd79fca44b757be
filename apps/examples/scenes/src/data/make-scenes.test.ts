import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomKey } from '@polymodal/core';
import { expect, it } from 'vitest';
import { languages } from '../language/phrases';
import { plainScenes } from '../scene/edition';
import { makeScenes, spokenSentences } from './make-scenes';
import { speakQuestions } from './question-speech';

const key = RandomKey.from(7);
const recipe = { edition: plainScenes, split: 'train', scenes: 6, questions: 8, languages, key } as const;

it('asks about each scene as often as it is told, with one picture for all questions about it', () => {
  const samples = makeScenes(recipe);
  expect(samples.map(({ source }) => source.scene)).toEqual([...Array(48).keys()].map((n) => Math.floor(n / 8)));
  expect(new Set(samples.map(({ image }) => image)).size).toBe(6);
  expect(samples.every(({ audio }) => audio === undefined)).toBe(true);
  expect(makeScenes(recipe)).toEqual(samples);
  expect(makeScenes({ ...recipe, split: 'test' })[0].targets.scene).not.toEqual(samples[0].targets.scene);
});

it('asks the same with typing errors', () => {
  const errors = { neighbour: 1, drop: 1, double: 1, transpose: 1, unreadable: 0 };
  const typed = makeScenes({ ...recipe, typingErrors: { errorRate: [0.1, 0.1], errors } });
  const right = makeScenes(recipe);
  expect(typed.map(({ targets }) => targets)).toEqual(right.map(({ targets }) => targets));
  expect(typed.filter(({ text }, n) => text !== right[n].text).length).toBeGreaterThan(24);
});

it('lets voices ask in English, each speaker in one split, and keeps what they said', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'scenes-'));
  try {
    const sentences = spokenSentences(plainScenes);
    expect(sentences).toHaveLength(60); // 5 kinds about 6 colours, and 30 pairs
    const spoken = { sentences: sentences.slice(0, 2), voices: { train: 2, validation: 1, test: 1 }, key };
    const speech = await speakQuestions(spoken, { cache, progress: false });
    expect(Object.values(speech).map((voices) => voices.length)).toEqual([2, 1, 1]);
    for (const [one, other] of Object.values(speech).flat()) {
      expect(one.voice).toBe(other.voice);
      expect(one.samples.length / one.sampleRate).toBeGreaterThan(0.8); // seconds
      expect(one.samples).not.toEqual(other.samples);
    }
    expect(await speakQuestions(spoken, { cache, progress: false })).toEqual(speech);
  } finally {
    await rm(cache, { recursive: true });
  }
});
