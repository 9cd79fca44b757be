import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomKey, useBackend } from '@polymodal/core';
import { FileTokenizer } from '@polymodal/encoder-text';
import { expect, it } from 'vitest';
import { informedGuess, mostRight, type Subset, subsets } from './bounds';
import { drawSample, tasks, testSamples } from './data/make-samples';
import { sentenceOf, spoken } from './data/speech';
import { captionFrom } from './easy-vqa/caption-pictures';
import { runExperiment } from './experiment';
import { tokenizer } from './language/tokenizer';
import { spokenSentence, tags } from './language/wording';
import { measure, testGroups } from './measure';
import { resultsTable } from './results';

const key = RandomKey.from(4);
/** A voice that says each sentence as noise of its own, as long as its number. */
const voice = spoken.map((_, sentence) => ({
  samples: key
    .fold(sentence)
    .normal(2000 + sentence)
    .map((value) => value / 8),
  sampleRate: 8000,
  voice: 'noise',
}));
const recipe = { voices: [voice], key };

it('hides one object in the picture, of which the speaker tells, and leaves another one to the picture', () => {
  for (const sample of testSamples('caption', 'en', 20, recipe)) {
    const { objects, hidden, told } = sample.meta.views;
    expect(told).toContain(hidden);
    expect(new Set(told).size).toBe(2);
    const colours = new Set<number>();
    for (let at = 0; at < sample.image.data.length; at += 3) {
      colours.add(sample.image.data[at] * 65536 + sample.image.data[at + 1] * 256 + sample.image.data[at + 2]);
    }
    expect(colours.size).toBe(4); // ground, screen, and the two that are not hidden
    expect(sample.audio.map(({ samples }) => samples.length - 2000)).toEqual(
      told.map((place) => sentenceOf(objects[place], place)),
    );
    expect(objects.every(({ x }, place) => place === 0 || x > objects[place - 1].x)).toBe(true);
  }
  expect(spokenSentence(spoken[sentenceOf({ colour: 'orange', shape: 'square' }, 1)], 1)).toBe(
    'An orange square in the middle.',
  );
});

it('asks, captions and answers in words that its tokenizer gives back as they are', () => {
  const words = new FileTokenizer(new TextEncoder().encode(tokenizer()), 'tokenizer.json');
  const written = tags.map((tag) => {
    const samples = tasks.flatMap((task) => testSamples(task, tag, 20, recipe));
    for (const text of samples.flatMap((own) => [own.text, own.targets.answer])) {
      const { ids } = words.encode(text, 32);
      expect(ids).not.toContain(0); // an unknown word
    }
    for (const { targets } of samples) {
      expect(words.decode([...words.encode(targets.answer, 32).ids])).toBe(targets.answer);
    }
    return drawSample('caption', tag, { ...recipe, key: key.fold(3) }).targets.answer.split(/, | and | und | y /);
  });
  expect(written.map(({ length }) => length)).toEqual([3, 3, 3]);
});

it('can be right as often as somebody who knows all that is shown, and guesses the rest', () => {
  const count = 400;
  for (const task of tasks) {
    const samples = testSamples(task, 'de', count, recipe);
    for (const subset of Object.keys(subsets) as Subset[]) {
      const right = samples.filter((own, n) => informedGuess(own, subset, key.fold(n)) === own.targets.answer).length;
      const most = mostRight(task, subset);
      const deviation = Math.sqrt((most * (1 - most)) / count);
      expect(Math.abs(right / count - most)).toBeLessThanOrEqual(4 * deviation); // equal where it is certain
    }
  }
});

it('takes captions of easy-VQA from what open questions say and answer', () => {
  const asked = (question: string, answer: string) => ({ question, answer });
  expect(captionFrom([asked('what is the teal shape?', 'circle')])).toBe('a teal circle');
  const both = [asked('what color is the shape?', 'gray'), asked('what shape is present?', 'rectangle')];
  expect(captionFrom([asked('is there a red triangle?', 'no'), ...both])).toBe('a gray rectangle');
  expect(captionFrom([asked('is there a red triangle?', 'yes'), both[0]])).toBeUndefined();
});

it('learns to see, to hear and to write, and measures each subset', async () => {
  await useBackend();
  const directory = await mkdtemp(join(tmpdir(), 'captions-'));
  try {
    await writeFile(join(directory, 'tokenizer.json'), tokenizer());
    const { model } = await runExperiment({
      ...{ tokenizer: join(directory, 'tokenizer.json'), seed: 0, perception: 1, epochs: 1, scenes: 32, directory },
      ...{ ...recipe, signal: new AbortController().signal },
    });
    try {
      const groups = testGroups(3, recipe);
      expect(groups.map(({ samples }) => samples.length)).toEqual([3, 3, 3, 3, 3]);
      const figures = await measure(model, groups.slice(2), new AbortController().signal);
      const results = {
        seed: 0,
        scenes: 32,
        voices: 1,
        perception: 1,
        epochs: 1,
        seconds: { perception: 1, captions: 1 },
      };
      const guessed = { 'caption es': 0 };
      const table = resultsTable({
        ...results,
        figures,
        guessed: { nothing: guessed, picture: guessed, speech: guessed, both: guessed },
      });
      expect(table).toMatch(/caption es +\d.* 0\.03 %.* 8\.3 %.* 8\.3 %.* 100\.0 %/);
      expect(table).toMatch(/shape +\d.* 33\.3 %.* 77\.8 %.* 77\.8 %.* 100\.0 %/);
    } finally {
      model.dispose();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});
