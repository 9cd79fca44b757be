import { RandomKey } from '@polymodal/core';
import { type Answers, digitOf } from './answers';
import { contradict, modalities, type SampleList } from './data';
import type { Contradiction } from './figures';
import { allDigits, toSample } from './samples';

/** The contradictory samples of the test data: each third has a picture, an utterance or a word of another digit. */
export function contradictorySamples(test: SampleList) {
  return allDigits(contradict(test, test.length, RandomKey.from(0).fold('contradiction')));
}

/** What is answered when one modality contradicts the other two, by that modality. */
export async function measureContradiction(answers: Answers, test: SampleList): Promise<Record<string, Contradiction>> {
  const samples = contradictorySamples(test);
  const probabilities = await answers(samples.map((sample) => toSample(sample)));
  const figures: Record<string, Contradiction> = {};
  for (const modality of modalities) {
    const own = samples.flatMap(({ contradiction, targets }, index) =>
      contradiction.modality === modality
        ? [{ truth: targets.digit, other: contradiction.digit, answer: probabilities[index] }]
        : [],
    );
    const share = (matches: (entry: (typeof own)[number]) => boolean) => own.filter(matches).length / own.length;
    const followsTheTwo = share(({ truth, answer }) => digitOf(answer) === truth);
    const followsTheOne = share(({ other, answer }) => digitOf(answer) === other);
    figures[modality] = {
      followsTheTwo,
      followsTheOne,
      neither: 1 - followsTheTwo - followsTheOne,
      confidence: own.reduce((sum, { answer }) => sum + Math.max(...answer), 0) / own.length,
    };
  }
  return figures;
}
