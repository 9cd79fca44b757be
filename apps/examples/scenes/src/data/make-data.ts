import { RandomKey } from '@polymodal/core';
import type { Split } from '@polymodal/example-material';
import { languages } from '../language/phrases';
import type { Options } from '../options';
import { makeScenes, spokenSentences } from './make-scenes';
import { speakQuestions } from './question-speech';
import type { SceneSample } from './scene-sample';

/** What is learned from, and what is measured with. */
export interface ScenesData {
  readonly train: readonly SceneSample[];
  readonly test: readonly SceneSample[];
}

const questions = 8;
const voices = { train: 88, validation: 1, test: 4 } as const;
const typingErrors = {
  errorRate: [0.1, 0.1],
  errors: { neighbour: 3, drop: 2, double: 1, transpose: 1, unreadable: 0 },
} as const;

/** The scenes of a start, which are always the same ones. Speech is kept in a folder, so that it is made once. */
export async function makeData(
  options: Pick<Options, 'edition' | 'scenes' | 'testScenes' | 'languages' | 'typingErrors' | 'spoken'>,
  cache: string,
  signal: AbortSignal,
): Promise<ScenesData> {
  const { edition } = options;
  const spoken = languages.filter(({ tag }) => options.languages.includes(tag));
  const key = RandomKey.from(0);
  const recipe = { sentences: spokenSentences(edition), voices, key: key.fold('voices') };
  const speech = options.spoken ? await speakQuestions(recipe, { cache, progress: true, signal }) : undefined;
  const make = (split: Split, scenes: number) =>
    makeScenes({
      edition,
      split,
      scenes,
      questions,
      languages: spoken,
      key,
      ...(options.typingErrors && { typingErrors }),
      ...(speech && { speech }),
    });
  return { train: make('train', options.scenes), test: make('test', options.testScenes) };
}
