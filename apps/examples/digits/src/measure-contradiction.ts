import { type Model, RandomKey } from '@polymodal/core';
import type { Classification } from '@polymodal/heads';
import { contradict, modalities, type SampleList } from './data';
import type { Contradiction } from './figures';
import { allDigits, toSample } from './samples';

/** The contradictory samples of the test data: each third has a picture, an utterance or a word of another digit. */
export function contradictorySamples(test: SampleList) {
  return allDigits(contradict(test, test.length, RandomKey.from(0).fold('contradiction')));
}

/** What the model answers when one modality contradicts the other two, by that modality. */
export async function measureContradiction(model: Model, test: SampleList): Promise<Record<string, Contradiction>> {
  const samples = contradictorySamples(test);
  const predictions = await model.predict(samples.map(toSample), { heads: ['digit'], batchSize: 64 });
  const figures: Record<string, Contradiction> = {};
  for (const modality of modalities) {
    const own = samples.flatMap((sample, index) =>
      sample.contradiction.modality === modality
        ? [{ sample, answer: predictions[index].digit as Classification }]
        : [],
    );
    const share = (matches: (entry: (typeof own)[number]) => boolean) => own.filter(matches).length / own.length;
    const followsTheTwo = share(({ sample, answer }) => answer.index === sample.targets.digit);
    const followsTheOne = share(({ sample, answer }) => answer.index === sample.contradiction.digit);
    figures[modality] = {
      followsTheTwo,
      followsTheOne,
      neither: 1 - followsTheTwo - followsTheOne,
      confidence: own.reduce((sum, { answer }) => sum + answer.probability, 0) / own.length,
    };
  }
  return figures;
}
