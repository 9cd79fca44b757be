import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomKey, useBackend } from '@polymodal/core';
import { expect, it } from 'vitest';
import { makeScenes } from './data/make-scenes';
import type { SceneSample } from './data/scene-sample';
import { runExperiment } from './experiment';
import { learnToHear, utterancesOf } from './hearing';
import { languages } from './language/phrases';
import { wordTokenizer } from './language/word-tokenizer';
import { learnToPerceive, picturesOf, questionsOf } from './perception';
import { summarize } from './results';
import { plainScenes } from './scene/edition';

const key = RandomKey.from(9);
const recipe = { edition: plainScenes, questions: 4, languages: languages.slice(0, 1), key } as const;
const { signal } = new AbortController();

/** Each question as half a second of noise of its own. */
function withNoise(samples: readonly SceneSample[]): SceneSample[] {
  return samples.map((sample, index) => ({
    ...sample,
    audio: {
      samples: key
        .fold(index)
        .normal(4000)
        .map((value) => value / 8),
      sampleRate: 8000,
    },
  }));
}

it('lets encoders learn by themselves, trains a method from there, and asks it by voice too', async () => {
  await useBackend();
  const directory = await mkdtemp(join(tmpdir(), 'scenes-'));
  try {
    const tokenizer = join(directory, 'tokenizer.json');
    await writeFile(tokenizer, wordTokenizer(plainScenes, recipe.languages));
    const train = withNoise(makeScenes({ ...recipe, split: 'train', scenes: 4 }));
    const test = withNoise(makeScenes({ ...recipe, split: 'test', scenes: 2 }));
    const setup = { edition: plainScenes, tokenizer, seed: 0 };
    const [perception, hearing] = [join(directory, 'perception'), join(directory, 'hearing')];
    const seen = { pictures: picturesOf(train), questions: questionsOf(train) };
    expect([seen.pictures.length, seen.questions.length]).toEqual([4, 4]);
    await learnToPerceive({ setup, epochs: 1, directory: perception }, seen, signal);
    await learnToHear({ setup, epochs: 1, directory: hearing }, utterancesOf(train), signal);

    const run = {
      method: 'film',
      setup,
      epochs: 1,
      directory: join(directory, 'film-0'),
      perception,
      hearing,
    } as const;
    const figures = await runExperiment(run, { train, test }, signal);
    const asked = (right: object) => Object.values(right).reduce((sum, own) => sum + own.asked, 0);
    expect(
      [figures.right, figures.spoken!.byKind, figures.spoken!.byVoice, ...Object.values(figures.controls)].map((own) =>
        asked(own!),
      ),
    ).toEqual(new Array(6).fill(8));
    const { spoken, controls } = summarize([figures]);
    expect(spoken!.sd).toBe(0);
    expect(Object.keys(controls)).toEqual(['without picture', 'without question', 'other picture']);
  } finally {
    await rm(directory, { recursive: true });
  }
});
