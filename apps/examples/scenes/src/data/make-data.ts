import { RandomKey } from '@polymodal/core';
import type { Split } from '@polymodal/example-material';
import { languages } from '../language/phrases';
import type { Options } from '../options';
import { makeScenes } from './make-scenes';
import type { SceneSample } from './scene-sample';

/** What is learned from, and what is measured with. */
export interface ScenesData {
  readonly train: readonly SceneSample[];
  readonly test: readonly SceneSample[];
}

const testScenes = 1000;
const questions = 8;
const typingErrors = {
  errorRate: [0.1, 0.1],
  errors: { neighbour: 3, drop: 2, double: 1, transpose: 1, unreadable: 0 },
} as const;

/** The scenes of a start, which are always the same ones. */
export function makeData(options: Pick<Options, 'edition' | 'scenes' | 'languages' | 'typingErrors'>): ScenesData {
  const spoken = languages.filter(({ tag }) => options.languages.includes(tag));
  const make = (split: Split, scenes: number) =>
    makeScenes({
      edition: options.edition,
      split,
      scenes,
      questions,
      languages: spoken,
      key: RandomKey.from(0),
      ...(options.typingErrors && { typingErrors }),
    });
  return { train: make('train', options.scenes), test: make('test', testScenes) };
}
